using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>Gives a folded character and the marks on it the one form that Unicode calls NFC, however they were written.</summary>
internal sealed class Composer
{
    private const int DotAbove = 0x0307;

    private readonly FoldingTable table = FoldingTable.Instance;
    private readonly List<int> codePoints = [];
    private readonly ArrayBufferWriter<char> composed = new();

    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<char> Compose(ReadOnlySpan<char> segment)
    {
        codePoints.Clear();
        foreach (var rune in segment.EnumerateRunes())
            AddDecomposed(rune.Value);
        if (codePoints[0] == 'i')
            TakeDotsOff();
        var marked = CollectionsMarshal.AsSpan(codePoints);
        Order(marked);
        return Encode(marked[..Combine(marked)]);
    }

    private void AddDecomposed(int codePoint)
    {
        if (table.Decompose(codePoint) is not var (first, second))
        {
            codePoints.Add(codePoint);
            return;
        }

        AddDecomposed(first);
        AddDecomposed(second);
    }

    /// <summary>An i has its dot: so is written in two characters what İ is in one.</summary>
    private void TakeDotsOff()
    {
        var end = codePoints.FindIndex(1, codePoint => table.ClassOf(codePoint) == 0);
        var isDot = codePoints[..(end < 0 ? codePoints.Count : end)].Count(codePoint => codePoint == DotAbove);
        if (isDot == 0)
            return;
        var marks = codePoints[1..(end < 0 ? codePoints.Count : end)].Where(codePoint => codePoint != DotAbove).ToList();
        codePoints.RemoveRange(1, marks.Count + isDot);
        codePoints.InsertRange(1, marks);
    }

    /// <summary>Marks of different classes may be written in any order: here they are in that of their classes.</summary>
    private void Order(Span<int> marked)
    {
        for (var at = 0; at < marked.Length; at++)
        {
            var first = at;
            var isOrdered = true;
            for (var last = 0; at < marked.Length && table.ClassOf(marked[at]) is > 0 and var next; at++, last = next)
                isOrdered &= last <= next;
            if (!isOrdered)
                Sort(marked[first..at]);
        }
    }

    /// <remarks>There is no bound to how many there are: whoever sends a million of them has them sorted, not inserted one by one.</remarks>
    private void Sort(Span<int> marks)
    {
        var keys = ArrayPool<long>.Shared.Rent(marks.Length);
        for (var at = 0; at < marks.Length; at++)
            keys[at] = ((long)table.ClassOf(marks[at]) << 55) | ((long)at << 24) | (long)marks[at];
        keys.AsSpan(0, marks.Length).Sort();
        for (var at = 0; at < marks.Length; at++)
            marks[at] = (int)(keys[at] & 0xFFFFFF);
        ArrayPool<long>.Shared.Return(keys);
    }

    /// <summary>Puts together what has a character of its own.</summary>
    /// <returns>How many are left.</returns>
    private int Combine(Span<int> marked)
    {
        int end = 0, starter = -1, lastClass = -1;
        foreach (var codePoint in marked)
        {
            var combiningClass = table.ClassOf(codePoint);

            // A mark of the same class, or a character that is none, stands between.
            if (starter >= 0 && lastClass < combiningClass && table.Compose(marked[starter], codePoint) is { } both)
            {
                marked[starter] = both;
                continue;
            }

            if (combiningClass == 0)
                starter = end;
            lastClass = combiningClass == 0 ? -1 : combiningClass;
            marked[end++] = codePoint;
        }

        return end;
    }

    private ReadOnlySpan<char> Encode(ReadOnlySpan<int> marked)
    {
        composed.ResetWrittenCount();
        foreach (var codePoint in marked)
            composed.Advance(new Rune(codePoint).EncodeToUtf16(composed.GetSpan(2)));
        return composed.WrittenSpan;
    }
}
