using System.Text;
using CallbackReceiver.Meetings.Searching;

namespace CallbackReceiver.WebConsole.Calls;

/// <summary>
/// Where the words of a search are in a text, as it was written. Search compares folded text; this folds one character after the other, and so
/// knows where each came from.
/// </summary>
internal sealed class Hits
{
    private const int ContextBefore = 40;

    private readonly string text;
    private readonly List<Range> ranges;

    private Hits(string text, List<Range> ranges) => (this.text, this.ranges) = (text, ranges);

    public int Count => ranges.Count;

    /// <summary>The text with its hits marked.</summary>
    public Html Marked => MarkedBetween(0, text.Length);

    public static Hits In(string? text, IReadOnlyList<string> words)
    {
        text ??= "";
        var ranges = new List<Range>();
        if (words.Count == 0)
            return new Hits(text, ranges);
        var (folded, origins) = Fold(text);
        foreach (var word in words)
        {
            for (var at = folded.IndexOf(word, StringComparison.Ordinal); at >= 0; at = folded.IndexOf(word, at + word.Length, StringComparison.Ordinal))
                ranges.Add(new Range(origins[at], origins[at + word.Length]));
        }

        return new Hits(text, WithoutOverlaps(ranges));
    }

    /// <summary>The beginning of the text, or what is around the first hit where there is one.</summary>
    public Html Excerpt(int length)
    {
        var from = Math.Max(0, ranges.Count == 0 ? 0 : ranges[0].Start.Value - ContextBefore);
        if (from > 0 && char.IsLowSurrogate(text[from]))
            from--;
        var to = Math.Min(text.Length, from + length);
        if (to < text.Length && char.IsLowSurrogate(text[to]))
            to--;
        return $"{(from > 0 ? "…" : "")}{MarkedBetween(from, to)}{(to < text.Length ? "…" : "")}";
    }

    private Html MarkedBetween(int from, int to)
    {
        Html marked = $"";
        var at = from;
        foreach (var range in ranges)
        {
            var (start, end) = (Math.Max(at, range.Start.Value), Math.Min(to, range.End.Value));
            if (start >= end)
                continue;
            marked.AppendFormatted(text[at..start]);
            marked.AppendLiteral("<mark>");
            marked.AppendFormatted(text[start..end]);
            marked.AppendLiteral("</mark>");
            at = end;
        }

        marked.AppendFormatted(text[at..to]);
        return marked;
    }

    /// <returns>The folded text, and of each of its characters, and of its end, where it came from.</returns>
    private static (string Folded, List<int> Origins) Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        var origins = new List<int>(text.Length + 1);
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length);
            if (!Rune.IsWhiteSpace(rune))
                Append(FoldOne(rune));
            else if (folded.Length > 0 && folded[^1] != ' ')
                Append(" ");
            at += length;

            void Append(string part)
            {
                folded.Append(part);
                for (var i = 0; i < part.Length; i++)
                    origins.Add(at);
            }
        }

        origins.Add(text.Length);
        return (folded.ToString(), origins);
    }

    private static string FoldOne(Rune rune) =>
        rune.IsAscii ? char.ToLowerInvariant((char)rune.Value).ToString()
        : rune.Value is >= 0x4E00 and <= 0x9FFF ? rune.ToString() // Chinese is what most calls are in, and folds to itself
        : FoldedText.Of(rune.ToString());

    private static List<Range> WithoutOverlaps(List<Range> ranges)
    {
        var apart = new List<Range>();
        foreach (var range in ranges.OrderBy(range => range.Start.Value))
        {
            if (apart.Count > 0 && range.Start.Value < apart[^1].End.Value)
                apart[^1] = new Range(apart[^1].Start, Math.Max(apart[^1].End.Value, range.End.Value));
            else
                apart.Add(range);
        }

        return apart;
    }
}
