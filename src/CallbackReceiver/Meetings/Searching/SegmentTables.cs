using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>Writes segments, and deletes those that were merged. The caller holds the workspace's lock and the transaction.</summary>
internal static class SegmentTables
{
    private const string InsertSegment = """
        INSERT INTO search_segments (workspace_id, segment_id, blocks, places, bucket_bits) VALUES ($1, $2, $3, $4, $5)
        """;

    private const string InsertPostings = """
        INSERT INTO search_postings (workspace_id, segment_id, bucket, postings) SELECT $1, $2, n.* FROM unnest($3, $4) AS n (bucket, postings)
        """;

    private const string DeletePostings = "DELETE FROM search_postings WHERE workspace_id = $1 AND segment_id = ANY ($2)";

    private const string DeleteSegments = "DELETE FROM search_segments WHERE workspace_id = $1 AND segment_id = ANY ($2)";

    /// <param name="workspaceId">The workspace.</param>
    /// <param name="segmentId">A new id.</param>
    /// <param name="blocks">How many blocks it is of.</param>
    /// <param name="segment">The segment, of which no bucket is written yet.</param>
    public static NpgsqlBatchCommand Insert(string workspaceId, Guid segmentId, int blocks, Segment segment) => new(InsertSegment)
    {
        Parameters =
        {
            new() { Value = workspaceId },
            new() { Value = segmentId },
            new() { Value = blocks },
            new() { Value = segment.Places },
            new() { Value = segment.BucketBits },
        },
    };

    public static NpgsqlBatchCommand InsertBuckets(string workspaceId, Guid segmentId, IReadOnlyList<(int Bucket, byte[] Postings)> buckets) => new(InsertPostings)
    {
        Parameters =
        {
            new() { Value = workspaceId },
            new() { Value = segmentId },
            new() { Value = buckets.Select(bucket => bucket.Bucket).ToArray() },
            new() { Value = buckets.Select(bucket => bucket.Postings).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
        },
    };

    public static IEnumerable<NpgsqlBatchCommand> Delete(string workspaceId, IEnumerable<Guid> segmentIds)
    {
        var ids = segmentIds.ToArray();
        return new[] { DeletePostings, DeleteSegments }.Select(sql => new NpgsqlBatchCommand(sql) { Parameters = { new() { Value = workspaceId }, new() { Value = ids } } });
    }
}
