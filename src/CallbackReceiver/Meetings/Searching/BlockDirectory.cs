using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>A block of <c>search_blocks</c>.</summary>
/// <param name="Key">Where it begins.</param>
/// <param name="Range">Its time, within the times asked for.</param>
/// <param name="SegmentId">The segment that has its terms; null where it is open, and the empty id where it has no meetings.</param>
/// <param name="FirstPlace">The place of its first meeting in the segment.</param>
/// <param name="Meetings">How many meetings it has.</param>
/// <param name="SegmentPlaces">How many meetings the segment has.</param>
/// <param name="BucketBits">How many buckets the segment has, as a power of 2.</param>
internal sealed record Block(DateTime Key, TimeRange Range, Guid? SegmentId, int FirstPlace, int Meetings, int SegmentPlaces, int BucketBits)
{
    public bool IsSealed => SegmentId is not null;
}

/// <summary>Reads which blocks there are.</summary>
internal static class BlockDirectory
{
    /// <summary>Reads the blocks of a time in the order asked for. Where nothing of the workspace is projected yet, one open block has all of the time.</summary>
    public static async Task<List<Block>> ReadAsync(
        NpgsqlConnection connection, string workspaceId, TimeRange range, SortOrder order, int limit, CancellationToken cancellationToken)
    {
        var sql = new Sql().Append($"""
            SELECT b.from_at, b.to_at, b.segment_id, b.first_place, b.meetings, s.places, s.bucket_bits
            FROM search_blocks b
            LEFT JOIN search_segments s ON s.workspace_id = {workspaceId} AND s.segment_id = b.segment_id
            WHERE b.workspace_id = {workspaceId} AND b.from_at < {range.To}
                AND b.from_at >= coalesce((SELECT max(f.from_at) FROM search_blocks f WHERE f.workspace_id = {workspaceId} AND f.from_at <= {range.From}), '-infinity')
            """);

        // Asked whether a block exists, PostgreSQL would read the table until it meets one.
        sql.Append($"""
            UNION ALL
            SELECT '-infinity', 'infinity', NULL, NULL, NULL, NULL, NULL
            WHERE (SELECT b.from_at FROM search_blocks b WHERE b.workspace_id = {workspaceId} ORDER BY b.from_at LIMIT 1) IS NULL
            """);
        sql.AppendText(order == SortOrder.NewestFirst ? "ORDER BY from_at DESC" : "ORDER BY from_at").Append($"LIMIT {limit}");

        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var blocks = new List<Block>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (new TimeRange(reader.GetDateTime(0), reader.GetDateTime(1)).Within(range) is { } common)
                blocks.Add(new Block(reader.GetDateTime(0), common, reader.IsDBNull(2) ? null : reader.GetGuid(2), NumberOf(reader, 3), NumberOf(reader, 4), NumberOf(reader, 5), NumberOf(reader, 6)));
        }

        return blocks;
    }

    private static int NumberOf(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? 0 : reader.GetInt32(column);
}
