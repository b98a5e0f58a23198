using System.Runtime.InteropServices;
using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Merges small segments into one, so that a search looks into few, and writes those anew of which blocks have been opened since, so that nothing is left of
/// what was erased. Texts are not read for it.
/// </summary>
internal sealed class SegmentMerger(BackgroundDatabase dataSource)
{
    /// <summary>So many blocks make a segment that is not merged any more.</summary>
    private const int FullBlocks = 32;

    /// <summary>A segment of fewer blocks is small. Those are merged once they have enough blocks for a full one together.</summary>
    private const int SmallBlocks = FullBlocks / 2;

    /// <summary>The most meetings of a segment, but for those of one block.</summary>
    private const int MaxPlaces = 2 * FullBlocks * 256;

    /// <summary>
    /// How long what is erased or was analysed anew stays in a segment of several blocks: meanwhile more of it may have become void. A segment
    /// of one block goes at once.
    /// </summary>
    private const string StalePatience = "interval '1 hour'";

    private const string IsDue = $"s.stale_since IS NOT NULL AND (s.blocks = 1 OR s.stale_since < now() - {StalePatience})";

    private const string SelectStale = $"SELECT DISTINCT s.workspace_id FROM search_segments s WHERE {IsDue}";

    private const string SelectSegments = $"""
        SELECT s.segment_id, s.blocks, s.places, s.bucket_bits, {IsDue}
        FROM search_segments s
        WHERE s.workspace_id = $1 AND (s.blocks < $2 OR {IsDue})
        ORDER BY s.segment_id
        LIMIT $3
        """;

    private const string SelectBlocks = """
        SELECT b.from_at, b.segment_id, b.first_place, b.meetings
        FROM search_blocks b
        WHERE b.workspace_id = $1 AND b.segment_id = ANY ($2)
        ORDER BY b.from_at
        """;

    private const string SelectPostings = """
        SELECT p.segment_id, p.bucket, p.postings
        FROM unnest($2, $3, $4) AS w (segment_id, from_bucket, to_bucket)
        JOIN search_postings p ON p.workspace_id = $1 AND p.segment_id = w.segment_id AND p.bucket >= w.from_bucket AND p.bucket < w.to_bucket
        """;

    private const string MoveBlocks = """
        UPDATE search_blocks AS b SET segment_id = $2, first_place = n.first_place
        FROM unnest($3, $4) AS n (from_at, first_place)
        WHERE b.workspace_id = $1 AND b.from_at = n.from_at
        """;

    /// <returns>The workspaces that have segments to be written anew.</returns>
    public Task<List<string>> FindStaleAsync(CancellationToken cancellationToken) => Projector.ListAsync(dataSource, SelectStale, cancellationToken);

    /// <summary>Merges some segments of the workspace in a transaction, where that is due.</summary>
    /// <returns>Whether there may be more to merge.</returns>
    public async Task<bool> MergeAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FeedLock.TryTakeAsync(connection, workspaceId, cancellationToken) is null)
            return false;
        var segments = await ReadSegmentsAsync(connection, workspaceId, cancellationToken);
        var blocks = segments.Count == 0 ? [] : await ReadBlocksAsync(connection, workspaceId, segments, cancellationToken);
        var empty = segments.Where(segment => blocks.TrueForAll(block => block.SegmentId != segment.Id)).Select(segment => segment.Id).ToList();
        var chosen = Choose(segments, blocks);
        if (empty.Count + chosen.Count == 0)
            return false;
        if (chosen.Count > 0)
            await MergeAsync(connection, workspaceId, chosen, blocks.FindAll(block => chosen.Exists(segment => segment.Id == block.SegmentId)), cancellationToken);
        await ExecuteAsync(connection, SegmentTables.Delete(workspaceId, empty.Concat(chosen.Select(segment => segment.Id))), cancellationToken);
        await DurableCommit.RunAsync(connection);
        return true;
    }

    private static async Task<List<MergedSegment>> ReadSegmentsAsync(NpgsqlConnection connection, string workspaceId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectSegments, connection)
        {
            Parameters = { new() { Value = workspaceId }, new() { Value = SmallBlocks }, new() { Value = 2 * FullBlocks } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var segments = new List<MergedSegment>();
        while (await reader.ReadAsync(cancellationToken))
            segments.Add(new MergedSegment(reader.GetGuid(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetInt32(3), reader.GetBoolean(4)));
        return segments;
    }

    private static async Task<List<MergedBlock>> ReadBlocksAsync(
        NpgsqlConnection connection, string workspaceId, List<MergedSegment> segments, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectBlocks, connection)
        {
            Parameters = { new() { Value = workspaceId }, new() { Value = segments.ConvertAll(segment => segment.Id).ToArray() } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var blocks = new List<MergedBlock>();
        while (await reader.ReadAsync(cancellationToken))
            blocks.Add(new MergedBlock(reader.GetDateTime(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetInt32(3)));
        return blocks;
    }

    /// <returns>The small segments, where they make a full one; else one that is due to be written anew; else none.</returns>
    private static List<MergedSegment> Choose(List<MergedSegment> segments, List<MergedBlock> blocks)
    {
        var live = blocks.ToLookup(block => block.SegmentId);
        var (small, blocksInAll, places) = (new List<MergedSegment>(), 0, 0);
        foreach (var segment in segments.Where(segment => segment.Blocks < SmallBlocks && live.Contains(segment.Id)))
        {
            if (blocksInAll >= FullBlocks || places + segment.Places > MaxPlaces)
                break;
            small.Add(segment);
            blocksInAll += live[segment.Id].Count();
            places += segment.Places;
        }

        return small.Count > 1 && (blocksInAll >= FullBlocks || places > MaxPlaces / 2) ? small : [.. segments.Where(segment => segment.IsDue && live.Contains(segment.Id)).Take(1)];
    }

    private static async Task MergeAsync(
        NpgsqlConnection connection, string workspaceId, List<MergedSegment> segments, List<MergedBlock> blocks, CancellationToken cancellationToken)
    {
        var newPlaces = segments.ToDictionary(segment => segment.Id, segment => Enumerable.Repeat(-1, segment.Places).ToArray());
        var firstPlaces = new int[blocks.Count];
        var places = 0;
        foreach (var (at, block) in blocks.Index())
        {
            firstPlaces[at] = places;
            for (var place = 0; place < block.Meetings; place++)
                newPlaces[block.SegmentId][block.FirstPlace + place] = places++;
        }

        var merged = Segment.For(places, segments.Sum(segment => (long)Segment.BucketBytes << segment.BucketBits));
        var segmentId = Guid.CreateVersion7();
        await ExecuteAsync(connection, [SegmentTables.Insert(workspaceId, segmentId, blocks.Count, merged)], cancellationToken);
        var terms = new MergedTerms();
        for (var part = 0; part < Segment.Parts; part++)
        {
            await ReadPartAsync(connection, workspaceId, segments, newPlaces, part, terms, cancellationToken);
            var (entries, ofTerms) = terms.Sort();
            merged.AddPart(part, entries, ofTerms);
            await ExecuteAsync(connection, [SegmentTables.InsertBuckets(workspaceId, segmentId, merged.Written)], cancellationToken);
            merged.Written.Clear();
        }

        await ExecuteAsync(connection, [Move(workspaceId, segmentId, blocks, firstPlaces)], cancellationToken);
    }

    /// <summary>Reads those terms of the segments that are in a part of the buckets, with the places that their meetings get.</summary>
    private static async Task ReadPartAsync(
        NpgsqlConnection connection, string workspaceId, List<MergedSegment> segments, Dictionary<Guid, int[]> newPlaces, int part, MergedTerms terms,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectPostings, connection)
        {
            Parameters =
            {
                new() { Value = workspaceId },
                new() { Value = segments.ConvertAll(segment => segment.Id).ToArray() },
                new() { Value = segments.ConvertAll(segment => Segment.FirstBucketOf(part, segment.BucketBits)).ToArray() },
                new() { Value = segments.ConvertAll(segment => Segment.FirstBucketOf(part + 1, segment.BucketBits)).ToArray() },
            },
        };
        var byId = segments.ToDictionary(segment => segment.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var segment = byId[reader.GetGuid(0)];
            terms.Add(reader.GetFieldValue<byte[]>(2), Postings.FirstTermOf(reader.GetInt32(1), segment.BucketBits), newPlaces[segment.Id]);
        }
    }

    private static NpgsqlBatchCommand Move(string workspaceId, Guid segmentId, List<MergedBlock> blocks, int[] firstPlaces) => new(MoveBlocks)
    {
        Parameters =
        {
            new() { Value = workspaceId },
            new() { Value = segmentId },
            ArrayColumn.Of(blocks, NpgsqlDbType.TimestampTz, block => block.FromAt),
            new() { Value = firstPlaces },
        },
    };

    private static async Task ExecuteAsync(NpgsqlConnection connection, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record MergedSegment(Guid Id, int Blocks, int Places, int BucketBits, bool IsDue);

    private sealed record MergedBlock(DateTime FromAt, Guid SegmentId, int FirstPlace, int Meetings);
}

/// <summary>
/// Terms of several segments, each with the places that its meetings have in the new one. It is used again for the next part, since its lists are
/// long.
/// </summary>
internal sealed class MergedTerms
{
    private readonly List<ulong> keys = [];
    private readonly List<(int At, int Count)> runs = [];
    private readonly List<int> places = [];
    private readonly List<PostingsEntry> entries = [];
    private int[] sorted = [];

    /// <param name="bucket">Of one of the segments.</param>
    /// <param name="firstTerm">Of the bucket.</param>
    /// <param name="newPlaces">The new place of each of the segment's meetings; -1 where it is left out.</param>
    public void Add(ReadOnlySpan<byte> bucket, uint firstTerm, int[] newPlaces)
    {
        var reader = new Postings.PostingsReader(bucket, firstTerm, newPlaces.Length);
        while (reader.TryReadTerm())
        {
            var first = places.Count;
            for (var left = reader.Count; left > 0; left--)
            {
                if (newPlaces[reader.ReadPlace()] is >= 0 and var place)
                    places.Add(place);
            }

            if (places.Count == first)
                continue;
            keys.Add(((ulong)reader.Term << 32) | (uint)runs.Count);
            runs.Add((first, places.Count - first));
        }
    }

    /// <summary>Gives each term once, in their order, with its places in theirs, until the next part is sorted; and begins with that.</summary>
    public (List<PostingsEntry> Entries, int[] Places) Sort()
    {
        keys.Sort();
        entries.Clear();
        if (sorted.Length < places.Count)
            sorted = new int[places.Count * 5 / 4];
        var all = CollectionsMarshal.AsSpan(places);
        for (int at = 0, to = 0; at < keys.Count;)
        {
            var (term, first) = ((uint)(keys[at] >> 32), to);
            for (; at < keys.Count && (uint)(keys[at] >> 32) == term; at++)
            {
                var run = runs[(int)(uint)keys[at]];
                all.Slice(run.At, run.Count).CopyTo(sorted.AsSpan(to));
                to += run.Count;
            }

            Array.Sort(sorted, first, to - first);
            entries.Add(new PostingsEntry(term, first, to - first));
        }

        keys.Clear();
        runs.Clear();
        places.Clear();
        return (entries, sorted);
    }
}
