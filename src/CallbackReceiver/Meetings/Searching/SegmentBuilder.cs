using System.Runtime.InteropServices;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Collects which meetings have which terms, meeting by meeting, and makes a segment of it. It is used again for the next segment, since its
/// arrays are long: new ones each time would cost more than all that is done with them.
/// </summary>
internal sealed class SegmentBuilder
{
    /// <summary>What is collected at most before the segment is full, so that its memory has a bound: some 20 MB.</summary>
    private const int MaxPostings = 2_000_000;

    /// <summary>Arrays for so many are kept for the next segment; most have less.</summary>
    private const int KeptPostings = 1 << 20;

    private const int FirstSlots = 1 << 16;

    private readonly List<PostingsEntry> entries = [];

    /// <summary>A hash table of the terms. They are hashes themselves: a term is in the slot of its lowest bits, or in the next free one.</summary>
    private Slot[] slots = new Slot[FirstSlots];
    private int terms;

    /// <summary>The postings of all terms in the order in which they came: the meeting's place, and the posting of the same term before it.</summary>
    private (int Place, int Before)[] postings = new (int, int)[FirstSlots];
    private int count;

    private ulong[] sortedTerms = [];
    private int[] sortedPlaces = [];

    /// <summary>How many meetings there are.</summary>
    public int Places { get; private set; }

    /// <summary>Whether no further meeting should be added. One alone may have any number of terms.</summary>
    public bool IsFull => count >= MaxPostings;

    /// <summary>Notes a term of the meeting that is being added, as often as it comes.</summary>
    public void Add(int term)
    {
        ref var slot = ref SlotOf((uint)term);
        if (slot.Postings > 0 && postings[slot.Last].Place == Places)
            return;
        if (count == postings.Length)
            Array.Resize(ref postings, 2 * count);
        postings[count] = (Places, slot.Last);
        (slot.Term, slot.Last) = ((uint)term, count++);
        if (++slot.Postings == 1 && ++terms > slots.Length / 2)
            Grow();
    }

    /// <summary>Ends the meeting that is being added.</summary>
    public void EndMeeting() => Places++;

    /// <summary>Makes the segment, and begins anew.</summary>
    public Segment Build()
    {
        SortTerms();
        var segment = Segment.For(Places, count);
        entries.Clear();
        var end = 0;
        foreach (var key in sortedTerms.AsSpan(0, terms))
        {
            var slot = slots[(int)(uint)key];
            end += slot.Postings;
            for (var (at, posting) = (end - 1, slot.Last); at >= end - slot.Postings; at--)
                (sortedPlaces[at], posting) = postings[posting];
            entries.Add(new PostingsEntry(slot.Term, end - slot.Postings, slot.Postings));
        }

        segment.Add(CollectionsMarshal.AsSpan(entries), sortedPlaces, 0, 1 << segment.BucketBits);
        Clear();
        return segment;
    }

    private void SortTerms()
    {
        if (sortedTerms.Length < terms)
            sortedTerms = new ulong[slots.Length];
        if (sortedPlaces.Length < count)
            sortedPlaces = new int[postings.Length];
        var to = 0;
        foreach (var (index, slot) in slots.Index())
        {
            if (slot.Postings > 0)
                sortedTerms[to++] = ((ulong)slot.Term << 32) | (uint)index;
        }

        Array.Sort(sortedTerms, 0, terms);
    }

    /// <summary>Begins anew, whatever was added.</summary>
    public void Clear()
    {
        if (postings.Length > KeptPostings)
            (slots, postings, sortedTerms, sortedPlaces) = (new Slot[FirstSlots], new (int, int)[FirstSlots], [], []);
        else
            Array.Clear(slots);
        (terms, count, Places) = (0, 0, 0);
    }

    private ref Slot SlotOf(uint term)
    {
        var at = (int)term & (slots.Length - 1);
        while (slots[at].Postings > 0 && slots[at].Term != term)
            at = (at + 1) & (slots.Length - 1);
        return ref slots[at];
    }

    private void Grow()
    {
        var before = slots;
        slots = new Slot[2 * before.Length];
        foreach (var slot in before.Where(slot => slot.Postings > 0))
            SlotOf(slot.Term) = slot;
    }

    /// <summary>A term, how many postings it has, and the last of them. A slot without postings is free.</summary>
    private record struct Slot(uint Term, int Postings, int Last);
}
