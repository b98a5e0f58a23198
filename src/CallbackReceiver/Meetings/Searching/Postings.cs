using System.Numerics;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// The postings of a segment: for each term the places of the meetings that have it. Terms are hashes, so they are spread evenly over buckets
/// by their highest bits, and a look for a term reads one bucket. A bucket holds its terms in their order, as gaps, each with its places, as gaps.
/// </summary>
internal static class Postings
{
    private const int CountBits = 24;
    private const int ParameterBits = 5;

    /// <summary>The bucket of a term in a segment of 2 to the power of so many buckets.</summary>
    public static int BucketOf(uint term, int bucketBits) => bucketBits == 0 ? 0 : (int)(term >> (32 - bucketBits));

    /// <summary>The least term that the bucket may hold.</summary>
    public static uint FirstTermOf(int bucket, int bucketBits) => bucketBits == 0 ? 0 : (uint)bucket << (32 - bucketBits);

    /// <summary>Writes a bucket.</summary>
    /// <param name="writer">Where it is written; it is taken from there.</param>
    /// <param name="entries">The bucket's terms in their order, each once.</param>
    /// <param name="places">The places that the entries point into, in their order.</param>
    /// <param name="firstTerm">Of the bucket.</param>
    /// <param name="bucketBits">See <see cref="BucketOf"/>.</param>
    /// <param name="placesInAll">How many meetings the segment has.</param>
    public static byte[] Write(BitWriter writer, ReadOnlySpan<PostingsEntry> entries, ReadOnlySpan<int> places, uint firstTerm, int bucketBits, int placesInAll)
    {
        var parameter = ParameterOf((1ul << (32 - bucketBits)) / (ulong)Math.Max(1, entries.Length));
        writer.Write((uint)entries.Length, CountBits);
        writer.Write((uint)parameter, ParameterBits);
        var next = firstTerm;
        foreach (var entry in entries)
        {
            writer.WriteRice(entry.Term - next, parameter);
            next = unchecked(entry.Term + 1);
            WritePlaces(writer, places.Slice(entry.At, entry.Count), placesInAll);
        }

        return writer.Take();
    }

    /// <summary>Marks the places of the meetings that have the term.</summary>
    /// <param name="bucket">The bucket of the term.</param>
    /// <param name="term">The term.</param>
    /// <param name="firstTerm">Of the bucket.</param>
    /// <param name="placesInAll">How many meetings the segment has.</param>
    /// <param name="marks">A bit for each place.</param>
    public static void Mark(ReadOnlySpan<byte> bucket, uint term, uint firstTerm, int placesInAll, Span<ulong> marks)
    {
        var reader = new PostingsReader(bucket, firstTerm, placesInAll);
        while (reader.TryReadTerm())
        {
            if (reader.Term > term)
                return;
            var isWanted = reader.Term == term;
            for (var left = reader.Count; left > 0; left--)
            {
                var place = reader.ReadPlace();
                if (isWanted)
                    marks[place >> 6] |= 1ul << (place & 63);
            }
        }
    }

    /// <summary>The parameter of Rice's code for gaps of that mean.</summary>
    internal static int ParameterOf(ulong meanGap) => meanGap <= 1 ? 0 : BitOperations.Log2(Math.Max(1, meanGap * 11 / 16));

    private static void WritePlaces(BitWriter writer, ReadOnlySpan<int> places, int placesInAll)
    {
        writer.WriteElias((uint)places.Length);
        var parameter = ParameterOf((ulong)(placesInAll / places.Length));
        var next = 0;
        foreach (var place in places)
        {
            writer.WriteRice((uint)(place - next), parameter);
            next = place + 1;
        }
    }

    /// <summary>Reads a bucket from its begin to its end: each term, and then all of its places.</summary>
    internal ref struct PostingsReader
    {
        private readonly int placesInAll;
        private readonly int termParameter;
        private BitReader reader;
        private uint terms;
        private uint nextTerm;
        private int placeParameter;
        private int nextPlace;

        public PostingsReader(ReadOnlySpan<byte> bucket, uint firstTerm, int placesInAll)
        {
            this.placesInAll = placesInAll;
            reader = new BitReader(bucket);
            terms = reader.Read(CountBits);
            termParameter = (int)reader.Read(ParameterBits);
            nextTerm = firstTerm;
        }

        public uint Term { get; private set; }

        /// <summary>How many places the term has.</summary>
        public int Count { get; private set; }

        public bool TryReadTerm()
        {
            if (terms == 0)
                return false;
            terms--;
            Term = nextTerm + reader.ReadRice(termParameter);
            nextTerm = unchecked(Term + 1);
            Count = (int)reader.ReadElias();
            placeParameter = ParameterOf((ulong)(placesInAll / Count));
            nextPlace = 0;
            return true;
        }

        public int ReadPlace()
        {
            var place = nextPlace + (int)reader.ReadRice(placeParameter);
            nextPlace = place + 1;
            return place;
        }
    }
}

/// <summary>A term, and where among the places its own begin.</summary>
internal readonly record struct PostingsEntry(uint Term, int At, int Count);
