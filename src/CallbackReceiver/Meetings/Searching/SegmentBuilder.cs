using System.Runtime.InteropServices;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>Collects which meetings have which terms, meeting by meeting, and writes the buckets of a segment.</summary>
internal sealed class SegmentBuilder
{
    /// <summary>What is collected at most before the segment is full, so that its memory has a bound: 16 MB.</summary>
    private const int MaxPostings = 2_000_000;

    private const int RadixBits = 11;

    private readonly List<ulong> postings = [];

    /// <summary>How many meetings there are.</summary>
    public int Places { get; private set; }

    /// <summary>Whether no further meeting should be added. One alone may have any number of terms.</summary>
    public bool IsFull => postings.Count >= MaxPostings;

    /// <summary>Adds the next meeting.</summary>
    /// <param name="terms">Its terms, each once.</param>
    public void Add(HashSet<int> terms)
    {
        foreach (var term in terms)
            postings.Add(((ulong)(uint)term << 32) | (uint)Places);
        Places++;
    }

    public Segment Build()
    {
        var sorted = SortedByTerm();
        var segment = Segment.For(Places, sorted.Length);
        var (entries, places) = (new List<PostingsEntry>(), new int[sorted.Length]);
        for (var at = 0; at < sorted.Length;)
        {
            var (term, first) = ((uint)(sorted[at] >> 32), at);
            for (; at < sorted.Length && (uint)(sorted[at] >> 32) == term; at++)
                places[at] = (int)(uint)sorted[at];
            entries.Add(new PostingsEntry(term, first, at - first));
        }

        segment.Add(CollectionsMarshal.AsSpan(entries), places, 0, 1 << segment.BucketBits);
        return segment;
    }

    /// <summary>A radix sort by the term, which leaves the places of each in their order: they came in it.</summary>
    private ulong[] SortedByTerm()
    {
        var (from, to) = (postings.ToArray(), new ulong[postings.Count]);
        Span<int> begins = stackalloc int[1 << RadixBits];
        for (var shift = 32; shift < 64; shift += RadixBits)
        {
            begins.Clear();
            foreach (var posting in from)
                begins[DigitOf(posting, shift)]++;
            for (var (digit, sum) = (0, 0); digit < begins.Length; digit++)
                (begins[digit], sum) = (sum, sum + begins[digit]);
            foreach (var posting in from)
                to[begins[DigitOf(posting, shift)]++] = posting;
            (from, to) = (to, from);
        }

        return from;
    }

    private static int DigitOf(ulong posting, int shift) => (int)(posting >> shift) & ((1 << RadixBits) - 1);
}
