using System.Runtime.InteropServices;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>A segment that is about to be written.</summary>
/// <param name="Places">How many meetings it has.</param>
/// <param name="BucketBits">How many buckets it has, as a power of 2.</param>
internal sealed record Segment(int Places, int BucketBits)
{
    /// <summary>What a bucket should take on the disk: few enough bytes for PostgreSQL to keep it in its row.</summary>
    public const int BucketBytes = 1500;

    /// <summary>Segments are merged a part of their buckets at a time, so that little of them is in memory. Every segment has at least one bucket a part.</summary>
    public const int Parts = 1 << FewestBucketBits;

    private const int FewestBucketBits = 4;
    private const int MostBucketBits = 16;

    private readonly BitWriter writer = new();

    /// <summary>The buckets that hold something, as far as they are made and not taken yet.</summary>
    public List<(int Bucket, byte[] Postings)> Written { get; } = [];

    /// <param name="places">How many meetings it has.</param>
    /// <param name="bytes">How much it will take, about: a byte for each term of each meeting.</param>
    public static Segment For(int places, long bytes)
    {
        var bits = FewestBucketBits;
        while (bits < MostBucketBits && bytes >> bits > BucketBytes)
            bits++;
        return new Segment(places, bits);
    }

    /// <summary>The first bucket of a part in a segment of so many buckets.</summary>
    public static int FirstBucketOf(int part, int bucketBits) => part << (bucketBits - FewestBucketBits);

    /// <summary>Makes the buckets of a part.</summary>
    public void AddPart(int part, List<PostingsEntry> entries, int[] places) =>
        Add(CollectionsMarshal.AsSpan(entries), places, FirstBucketOf(part, BucketBits), FirstBucketOf(part + 1, BucketBits));

    /// <summary>Makes some buckets.</summary>
    /// <param name="entries">All their terms, in their order.</param>
    /// <param name="places">What the entries point into.</param>
    /// <param name="from">The first bucket.</param>
    /// <param name="to">The one behind the last.</param>
    public void Add(ReadOnlySpan<PostingsEntry> entries, int[] places, int from, int to)
    {
        for (var bucket = from; bucket < to; bucket++)
        {
            var count = 0;
            while (count < entries.Length && Postings.BucketOf(entries[count].Term, BucketBits) == bucket)
                count++;
            if (count > 0)
                Written.Add((bucket, Postings.Write(writer, entries[..count], places, Postings.FirstTermOf(bucket, BucketBits), BucketBits, Places)));
            entries = entries[count..];
        }
    }
}
