using System.Numerics;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Finds which meetings of segments have the terms of a filter. Blocks and segments must be read in one snapshot: segments are merged, and those
/// that were merged are gone.
/// </summary>
internal sealed class SegmentSearch(NpgsqlConnection connection, MeetingFilter filter)
{
    /// <summary>How many buckets are asked for at a time, each of a page of the disk at most nearly always.</summary>
    private const int MaxBuckets = 4000;

    private const string SelectPostings = """
        SELECT p.segment_id, p.bucket, p.postings
        FROM unnest($2, $3) AS w (segment_id, bucket)
        JOIN search_postings p ON p.workspace_id = $1 AND p.segment_id = w.segment_id AND p.bucket = w.bucket
        """;

    private const string SelectIds = """
        SELECT b.from_at, b.meeting_ids
        FROM search_blocks b
        WHERE b.workspace_id = $1 AND b.segment_id = ANY ($2) AND b.from_at >= $3 AND b.from_at <= $4
        """;

    private readonly IReadOnlyList<uint[]> wanted = filter.TermsToFind();

    /// <summary>For each segment a bit for each of its meetings: whether it has the terms.</summary>
    private readonly Dictionary<Guid, ulong[]> found = [];

    /// <summary>Finds what the segments of the blocks have, as far as that is not known yet.</summary>
    public async Task FindAsync(IEnumerable<Block> blocks, CancellationToken cancellationToken)
    {
        var segments = blocks.Where(block => block.Meetings > 0 && block.SegmentId is { } id && !found.ContainsKey(id)).DistinctBy(block => block.SegmentId).ToList();
        foreach (var some in segments.Chunk(Math.Max(1, MaxBuckets / wanted.Sum(terms => terms.Length))))
        {
            var buckets = await ReadBucketsAsync(some, cancellationToken);
            foreach (var block in some)
                found.Add(block.SegmentId!.Value, MarkAll(block, buckets));
        }
    }

    /// <summary>How many meetings of a block have the terms; 0 for an open one.</summary>
    public int CountIn(Block block)
    {
        if (block.Meetings == 0 || block.SegmentId is not { } id)
            return 0;
        var (marks, count) = (found[id], 0);
        for (var place = block.FirstPlace; place < block.FirstPlace + block.Meetings;)
        {
            // A word at a time, without the bits before and behind the block.
            var bits = marks[place >> 6] >> (place & 63);
            var length = Math.Min(64 - (place & 63), block.FirstPlace + block.Meetings - place);
            count += BitOperations.PopCount(length == 64 ? bits : bits & ((1ul << length) - 1));
            place += length;
        }

        return count;
    }

    /// <summary>Reads the ids of the meetings that have the terms. The blocks are one after the other in time, in either direction.</summary>
    public async Task<IReadOnlyList<string>> ReadIdsAsync(IReadOnlyList<Block> blocks, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectIds, connection)
        {
            Parameters =
            {
                new() { Value = filter.WorkspaceId },
                new() { Value = blocks.Select(block => block.SegmentId!.Value).Distinct().ToArray() },
                At(blocks.Min(block => block.Key)),
                At(blocks.Max(block => block.Key)),
            },
        };
        var byKey = blocks.ToDictionary(block => block.Key);
        var ids = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!byKey.TryGetValue(reader.GetDateTime(0), out var block))
                continue;
            var marks = found[block.SegmentId!.Value];
            ids.AddRange(reader.GetFieldValue<string[]>(1).Where((_, at) => IsMarked(marks, block.FirstPlace + at)));
        }

        return ids;
    }

    private async Task<Dictionary<(Guid Segment, int Bucket), byte[]>> ReadBucketsAsync(IReadOnlyList<Block> segments, CancellationToken cancellationToken)
    {
        var keys = segments.SelectMany(block => wanted.SelectMany(terms => terms), (block, term) => (block.SegmentId!.Value, Postings.BucketOf(term, block.BucketBits)))
            .Distinct().ToList();
        await using var command = new NpgsqlCommand(SelectPostings, connection)
        {
            Parameters =
            {
                new() { Value = filter.WorkspaceId },
                new() { Value = keys.Select(key => key.Value).ToArray() },
                new() { Value = keys.Select(key => key.Item2).ToArray() },
            },
        };
        var buckets = new Dictionary<(Guid, int), byte[]>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            buckets.Add((reader.GetGuid(0), reader.GetInt32(1)), reader.GetFieldValue<byte[]>(2));
        return buckets;
    }

    /// <returns>A bit for each meeting of the block's segment: whether it has one of each set of terms.</returns>
    private ulong[] MarkAll(Block block, Dictionary<(Guid Segment, int Bucket), byte[]> buckets)
    {
        var all = new ulong[(block.SegmentPlaces + 63) / 64];
        Array.Fill(all, ulong.MaxValue);
        var any = new ulong[all.Length];
        foreach (var terms in wanted)
        {
            Array.Clear(any);
            foreach (var term in terms)
            {
                var bucket = Postings.BucketOf(term, block.BucketBits);
                if (buckets.TryGetValue((block.SegmentId!.Value, bucket), out var postings))
                    Postings.Mark(postings, term, Postings.FirstTermOf(bucket, block.BucketBits), block.SegmentPlaces, any);
            }

            for (var i = 0; i < all.Length; i++)
                all[i] &= any[i];
        }

        return all;
    }

    private static bool IsMarked(ulong[] marks, int place) => (marks[place >> 6] >> (place & 63) & 1) != 0;

    private static NpgsqlParameter<DateTime> At(DateTime time) => new() { TypedValue = time, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
