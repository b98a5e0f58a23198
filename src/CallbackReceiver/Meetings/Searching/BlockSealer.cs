using System.Data;
using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Closes blocks: cuts an open one where it holds enough meetings, and writes a segment that says which of them has which terms. Only what is open
/// or has the terms that are searched for is looked at.
/// </summary>
internal sealed class BlockSealer(BackgroundDatabase dataSource)
{
    /// <summary>How many meetings a sealed block holds; up to twice as many where some came late, and fewer where their texts are long.</summary>
    private const int Size = 256;

    private const int MaxBlocks = 64;

    /// <summary>So few are closed at a time that whoever calls can step back between.</summary>
    private const int MaxClosed = 8;

    // The last block is worth reading once it holds more than a block's meetings. The newest may still be in transactions under way.
    private const string SelectOpenBlocks = """
        SELECT b.from_at, b.to_at
        FROM search_blocks b
        WHERE b.workspace_id = $1 AND b.segment_id IS NULL AND (b.to_at < 'infinity' OR EXISTS (
            SELECT FROM meetings m
            WHERE m.workspace_id = $1 AND m.received_at >= b.from_at AND m.received_at < now() - interval '5 seconds'
            OFFSET $2))
        ORDER BY b.from_at DESC
        LIMIT $3
        """;

    private const string SelectTimes = """
        SELECT m.received_at, s.meeting_id IS NOT NULL
        FROM meetings m
        LEFT JOIN search s ON s.workspace_id = m.workspace_id AND s.meeting_id = m.meeting_id
        WHERE m.workspace_id = $1 AND m.received_at >= $2 AND m.received_at < least($3, now() - interval '5 seconds')
        ORDER BY m.received_at
        LIMIT $4
        """;

    private const string SelectMeetings = """
        SELECT m.received_at, m.meeting_id, m.customer_satisfaction_rating, m.agent_performance_rating, m.risk_factor, m.speakers, s.text
        FROM meetings m
        JOIN search s ON s.workspace_id = m.workspace_id AND s.meeting_id = m.meeting_id
        WHERE m.workspace_id = $1 AND m.received_at >= $2 AND m.received_at < $3
        ORDER BY m.received_at, m.meeting_id
        """;

    private const string CloseBlock = """
        UPDATE search_blocks SET to_at = $3, segment_id = $4, first_place = 0, meetings = cardinality($5), meeting_ids = $5 WHERE workspace_id = $1 AND from_at = $2
        """;

    private const string InsertOpenBlock = "INSERT INTO search_blocks (workspace_id, from_at, to_at) VALUES ($1, $2, $3)";

    /// <summary>Blocks are closed one after the other.</summary>
    private readonly SegmentBuilder builder = new();

    /// <summary>Closes up to <see cref="MaxClosed"/> blocks of the workspace, each in a transaction of its own.</summary>
    /// <returns>Whether there may be more to close.</returns>
    public async Task<bool> SealAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var blocks = await ReadOpenBlocksAsync(connection, workspaceId, cancellationToken);
        var closed = 0;
        foreach (var block in blocks)
        {
            for (TimeRange? rest = block; rest is not null && closed < MaxClosed;)
            {
                (var isClosed, rest) = await CloseAsync(connection, workspaceId, rest, cancellationToken);
                if (isClosed)
                    closed++;
            }
        }

        return closed == MaxClosed || (closed > 0 && blocks.Count == MaxBlocks);
    }

    private static async Task<List<TimeRange>> ReadOpenBlocksAsync(NpgsqlConnection connection, string workspaceId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectOpenBlocks, connection)
        {
            Parameters = { new() { Value = workspaceId }, new() { Value = Size }, new() { Value = MaxBlocks } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var blocks = new List<TimeRange>();
        while (await reader.ReadAsync(cancellationToken))
            blocks.Add(new TimeRange(reader.GetDateTime(0), reader.GetDateTime(1)));
        return blocks;
    }

    /// <returns>Whether there was enough to close, and what is left of the block then, still open; null where nothing is.</returns>
    private async Task<(bool IsClosed, TimeRange? Open)> CloseAsync(
        NpgsqlConnection connection, string workspaceId, TimeRange block, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FeedLock.TryTakeAsync(connection, workspaceId, cancellationToken) is null)
            return (false, null);
        if (CutOf(block, await ReadTimesAsync(connection, workspaceId, block, cancellationToken)) is not { } cut)
            return (false, null);
        var sealing = await ReadMeetingsAsync(connection, workspaceId, block with { To = cut }, cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in CommandsOf(workspaceId, sealing))
            batch.BatchCommands.Add(command);
        var rest = sealing.Block.To < block.To ? block with { From = sealing.Block.To } : null;
        if (rest is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(InsertOpenBlock)
            {
                Parameters = { new() { Value = workspaceId }, At(rest.From), At(rest.To) },
            });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await DurableCommit.RunAsync(connection);
        return (true, rest);
    }

    /// <returns>The times of the block's first meetings in their order, and whether their texts are there.</returns>
    private static async Task<List<(DateTime At, bool HasText)>> ReadTimesAsync(
        NpgsqlConnection connection, string workspaceId, TimeRange block, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectTimes, connection)
        {
            Parameters = { new() { Value = workspaceId }, At(block.From), At(block.To), new() { Value = (2 * Size) + 1 } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var times = new List<(DateTime, bool)>();
        while (await reader.ReadAsync(cancellationToken))
            times.Add((reader.GetDateTime(0), reader.GetBoolean(1)));
        return times;
    }

    /// <summary>Where to end the block, so that it holds all meetings of a moment or none; null where it stays open as it is.</summary>
    /// <remarks>A meeting whose text is not there yet will open its block when it is: before it there may be a cut, after it there is none.</remarks>
    private static DateTime? CutOf(TimeRange block, List<(DateTime At, bool HasText)> meetings)
    {
        var filled = meetings.FindIndex(meeting => !meeting.HasText) is >= 0 and var missing ? missing : meetings.Count;
        if (block.To < DateTime.MaxValue && filled == meetings.Count && filled <= 2 * Size)
            return block.To;
        var last = Math.Min(filled, meetings.Count - 1);
        if (last < Size)
            return null;
        var at = Enumerable.Range(1, Size).Reverse().Concat(Enumerable.Range(Size + 1, last - Size))
            .FirstOrDefault(at => meetings[at].At > meetings[at - 1].At);
        return at == 0 ? null : meetings[at].At;
    }

    /// <summary>
    /// Reads the meetings of the time, one text in memory at a time: there are calls of hours. The block ends earlier where they have more terms
    /// than a segment should hold.
    /// </summary>
    private async Task<Sealing> ReadMeetingsAsync(NpgsqlConnection connection, string workspaceId, TimeRange block, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectMeetings, connection)
        {
            Parameters = { new() { Value = workspaceId }, At(block.From), At(block.To) },
        };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        var (terms, ids) = (new Terms(workspaceId), new List<string>());
        builder.Clear();
        for (var last = DateTime.MinValue; await reader.ReadAsync(cancellationToken);)
        {
            var at = reader.GetDateTime(0);
            if (builder.IsFull && at > last)
                return new Sealing(block with { To = at }, ids, builder.Build());
            ids.Add(reader.GetString(1));
            var traits = Trait.Of(reader.GetNullableText(2), reader.GetNullableText(3), reader.GetNullableText(4), reader.GetFieldValue<string[]>(5));
            using var text = await LongValue.ReadTextAsync(reader, 6, cancellationToken);
            terms.AddOf(builder, traits, text.Span);
            builder.EndMeeting();
            last = at;
        }

        return new Sealing(block, ids, builder.Build());
    }

    private static IEnumerable<NpgsqlBatchCommand> CommandsOf(string workspaceId, Sealing sealing)
    {
        var segmentId = sealing.MeetingIds.Count == 0 ? Guid.Empty : Guid.CreateVersion7();
        if (segmentId != Guid.Empty)
        {
            yield return SegmentTables.Insert(workspaceId, segmentId, blocks: 1, sealing.Segment);
            yield return SegmentTables.InsertBuckets(workspaceId, segmentId, sealing.Segment.Written);
        }

        yield return new NpgsqlBatchCommand(CloseBlock)
        {
            Parameters =
            {
                new() { Value = workspaceId },
                At(sealing.Block.From),
                At(sealing.Block.To),
                new() { Value = segmentId },
                new() { Value = sealing.MeetingIds.ToArray() },
            },
        };
    }

    private static NpgsqlParameter<DateTime> At(DateTime time) => new() { TypedValue = time, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    /// <summary>A block that is about to be closed, with what its segment will say of its meetings.</summary>
    private sealed record Sealing(TimeRange Block, List<string> MeetingIds, Segment Segment);
}
