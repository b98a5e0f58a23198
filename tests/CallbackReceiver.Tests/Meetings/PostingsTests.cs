using CallbackReceiver.Meetings.Searching;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Segments say of every term exactly which meetings have it, be they written for meetings or merged of others.</summary>
public sealed class PostingsTests
{
    private const int Meetings = 300;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 2)]
    [InlineData(2000, 3)]
    [InlineData(200_000, 4)]
    public void A_segment_says_of_every_term_which_meetings_have_it(int vocabulary, int seed)
    {
        var meetings = RandomMeetings(new Random(seed), vocabulary);

        AssertSays(Build(meetings), meetings);
    }

    [Fact]
    public void Terms_at_both_ends_of_what_there_is_are_found()
    {
        List<HashSet<int>> meetings = [[0, -1, int.MinValue, int.MaxValue], [-1], []];

        AssertSays(Build(meetings), meetings);
    }

    [Fact]
    public void A_merged_segment_says_what_its_parts_said_of_the_meetings_that_are_left()
    {
        var random = new Random(5);
        var parts = Enumerable.Range(0, 4).Select(_ => RandomMeetings(random, 3000)).ToList();
        var left = new List<HashSet<int>>();
        var newPlaces = parts.ConvertAll(part => Enumerable.Repeat(-1, part.Count).ToArray());

        // The order of the parts is not that of their meetings: a part may be of blocks between which another has some.
        foreach (var (part, place) in parts.Index().SelectMany(part => Enumerable.Range(0, part.Item.Count), (part, place) => (part.Index, place)).OrderBy(_ => random.Next()))
        {
            if (random.Next(3) == 0)
                continue;
            newPlaces[part][place] = left.Count;
            left.Add(parts[part][place]);
        }

        var segments = parts.ConvertAll(Build);
        var merged = Segment.For(left.Count, 200_000);
        for (var part = 0; part < Segment.Parts; part++)
        {
            var terms = new MergedTerms();
            foreach (var (at, segment) in segments.Index())
            {
                var (from, to) = (Segment.FirstBucketOf(part, segment.BucketBits), Segment.FirstBucketOf(part + 1, segment.BucketBits));
                foreach (var (bucket, postings) in segment.Written.Where(written => written.Bucket >= from && written.Bucket < to))
                    terms.Add(postings, Postings.FirstTermOf(bucket, segment.BucketBits), newPlaces[at]);
            }

            var (entries, places) = terms.Sort();
            merged.AddPart(part, entries, places);
        }

        AssertSays(merged, left);
    }

    [Fact]
    public void Numbers_come_back_as_they_were_written()
    {
        var random = new Random(6);
        var numbers = Enumerable.Range(0, 5000).Select(_ => (Value: (uint)random.NextInt64(1L << random.Next(33)), Parameter: random.Next(32), Way: random.Next(3))).ToList();
        numbers.AddRange([(uint.MaxValue, 0, 0), (uint.MaxValue, 31, 0), (uint.MaxValue, 0, 1), (1, 0, 1), (0, 0, 0), (23, 0, 0), (24, 0, 0)]);
        var writer = new BitWriter();
        foreach (var (value, parameter, way) in numbers)
        {
            if (way == 0)
                writer.WriteRice(value, parameter);
            else if (way == 1)
                writer.WriteElias(Math.Max(1, value));
            else
                writer.Write(value, 32);
        }

        var reader = new BitReader(writer.Take());
        foreach (var (value, parameter, way) in numbers)
            Assert.Equal(way == 1 ? Math.Max(1, value) : value, way switch { 0 => reader.ReadRice(parameter), 1 => reader.ReadElias(), _ => reader.Read(32) });
    }

    private static Segment Build(List<HashSet<int>> meetings)
    {
        var builder = new SegmentBuilder();
        builder.Add(7);
        builder.EndMeeting();
        _ = builder.Build(); // nothing of it is in the next one
        foreach (var terms in meetings)
        {
            // Many terms come more than once in a meeting.
            foreach (var term in terms.Concat(terms))
                builder.Add(term);
            builder.EndMeeting();
        }

        return builder.Build();
    }

    /// <summary>Some terms are in nearly every meeting, most in a few.</summary>
    private static List<HashSet<int>> RandomMeetings(Random random, int vocabulary)
    {
        var words = Enumerable.Range(0, vocabulary).Select(_ => (int)random.NextInt64(int.MinValue, (long)int.MaxValue + 1)).ToArray();
        return [.. Enumerable.Range(0, Meetings).Select(_ => Enumerable.Range(0, random.Next(800)).Select(_ => words[(int)(vocabulary * Math.Pow(random.NextDouble(), 3))]).ToHashSet())];
    }

    private static void AssertSays(Segment segment, List<HashSet<int>> meetings)
    {
        var buckets = segment.Written.ToDictionary(bucket => bucket.Bucket, bucket => bucket.Postings);
        var expected = new Dictionary<int, ulong[]> { [12345] = MarksFor(meetings), [-12345] = MarksFor(meetings) };
        foreach (var (place, term) in meetings.Index().SelectMany(meeting => meeting.Item, (meeting, term) => (meeting.Index, term)))
        {
            if (!expected.TryGetValue(term, out var marks))
                expected.Add(term, marks = MarksFor(meetings));
            marks[place >> 6] |= 1ul << (place & 63);
        }

        foreach (var (term, marks) in expected)
        {
            var said = MarksFor(meetings);
            var bucket = Postings.BucketOf((uint)term, segment.BucketBits);
            if (buckets.TryGetValue(bucket, out var postings))
                Postings.Mark(postings, (uint)term, Postings.FirstTermOf(bucket, segment.BucketBits), meetings.Count, said);
            Assert.True(marks.AsSpan().SequenceEqual(said), $"term {term}");
        }
    }

    private static ulong[] MarksFor(List<HashSet<int>> meetings) => new ulong[(meetings.Count + 63) / 64];
}
