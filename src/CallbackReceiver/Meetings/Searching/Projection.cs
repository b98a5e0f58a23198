using System.Data;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Takes a workspace's changes, oldest first, and makes of them what is read behind the commit: the folded text that search compares,
/// the facts that statistics count, and the numbered events that listeners read. A batch is one transaction, under the lock of the workspace's feed.
/// </summary>
internal sealed class Projection(BackgroundDatabase dataSource, SearchMetrics metrics)
{
    private const int MaxChanges = 500;

    /// <summary>
    /// As PostgreSQL stores bodies or transcripts, compressed, or 50 bytes a segment where that is more, since what says the same again and
    /// again compresses to nothing. What a batch may hold in memory is some times that.
    /// </summary>
    private const int MaxStoredBytes = 512 * 1024;

    /// <summary>Of folded texts: one character may become eighteen, and what says the same again and again comes to much more than is stored of it.</summary>
    private const int MaxTextBytes = 32 * 1024 * 1024;

    // Subqueries, which PostgreSQL looks up one by one by their keys: what it knows of new tables would have it read them as a whole.
    private const string SelectChanges = """
        SELECT c.delivery_id, c.meeting_id, c.announce, coalesce(greatest(
            (SELECT greatest(pg_column_size(m.transcript), 50 * m.segments) FROM meetings m WHERE m.workspace_id = $1 AND m.meeting_id = c.meeting_id),
            (SELECT pg_column_size(d.body) FROM deliveries d WHERE d.workspace_id = $1 AND d.delivery_id = c.delivery_id)), 0)
        FROM changes c
        WHERE c.workspace_id = $1
        ORDER BY c.delivery_id
        LIMIT $2
        """;

    private const string SelectMeetings = $"""
        SELECT m.meeting_id, m.delivery_ids, m.revision, m.received_at, m.title, m.summary, m.agent_performance_feedback, m.risk_factor, {StoredTranscript.Columns}
        FROM meetings AS m
        WHERE m.workspace_id = $1 AND m.meeting_id = ANY ($2)
        ORDER BY array_position($2, m.meeting_id)
        """;

    private const int TranscriptColumn = 8;
    private const int BodyColumn = 9;

    private const string UpsertTexts = $"""
        INSERT INTO search (workspace_id, meeting_id, delivery_id, text, folded)
        SELECT $1, n.*, {Refolding.Hash} FROM unnest($2, $3, $4) AS n (meeting_id, delivery_id, text)
        ON CONFLICT (workspace_id, meeting_id) DO UPDATE SET delivery_id = excluded.delivery_id, text = excluded.text, folded = excluded.folded
        """;

    // In the order of time, in which they are read: those of a page of the disk are then read one after the other.
    private const string UpsertFacts = """
        INSERT INTO facts (workspace_id, meeting_id, received_at, customer_satisfaction_rating, agent_performance_rating, risk_factor, speakers)
        SELECT workspace_id, meeting_id, received_at, customer_satisfaction_rating, agent_performance_rating, risk_factor, speakers
        FROM meetings
        WHERE workspace_id = $1 AND meeting_id = ANY ($2)
        ORDER BY received_at
        ON CONFLICT (workspace_id, meeting_id) DO UPDATE SET
            received_at = excluded.received_at, customer_satisfaction_rating = excluded.customer_satisfaction_rating,
            agent_performance_rating = excluded.agent_performance_rating, risk_factor = excluded.risk_factor, speakers = excluded.speakers
        """;

    // A meeting that came late into a block, or changed there, opens it again.
    private static readonly string OpenBlocks = BlockOpening.Statement("""
        b.from_at IN (
            SELECT (SELECT max(o.from_at) FROM search_blocks o WHERE o.workspace_id = $1 AND o.from_at <= n.at) FROM unnest($2) AS n (at))
        """);

    // The block of the analysis before holds its terms: it is sealed again without them.
    private static readonly string OpenLeftBlocks = BlockOpening.Statement("""
        b.from_at IN (
            SELECT (SELECT max(o.from_at) FROM search_blocks o WHERE o.workspace_id = $1 AND o.from_at <= f.received_at)
            FROM facts f WHERE f.workspace_id = $1 AND f.meeting_id = ANY ($2))
        """);

    private const string InsertFirstBlock = """
        INSERT INTO search_blocks (workspace_id, from_at, to_at) VALUES ($1, '-infinity', 'infinity') ON CONFLICT DO NOTHING
        """;

    private const string InsertEvents = """
        INSERT INTO events (workspace_id, event_id, meeting_id, delivery_id, revision)
        SELECT $1, n.* FROM unnest($2, $3, $4, $5) AS n
        ON CONFLICT (workspace_id, delivery_id) DO NOTHING
        """;

    private const string DeleteChanges = "DELETE FROM changes WHERE workspace_id = $1 AND delivery_id = ANY ($2)";

    private const string Notify = $"SELECT pg_notify('{FeedLock.Channel}', $1)";

    /// <summary>Projects a batch of changes of the workspace and commits.</summary>
    /// <returns>Whether changes were taken, which they are not where another replica is at it, and whether there were more than a batch takes.</returns>
    public async Task<(bool IsAny, bool IsMore)> ApplyAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FeedLock.TryTakeAsync(connection, workspaceId, cancellationToken) is not { } lastEventId)
            return (false, false);
        var (changes, isMore) = await ReadChangesAsync(connection, workspaceId, cancellationToken);
        if (changes.Count == 0)
            return (false, false);
        var (meetings, firstLeft) = await ReadMeetingsAsync(connection, workspaceId, changes, cancellationToken);
        changes = [.. changes.TakeWhile(change => change.MeetingId != firstLeft)];
        await WriteAsync(connection, workspaceId, changes, meetings, lastEventId, cancellationToken);
        foreach (var meeting in meetings.Values)
            meeting.Text.Dispose();
        await DurableCommit.RunAsync(connection);
        metrics.Found(changes.Where(change => change.Announce).Select(change => change.DeliveryId));
        return (true, isMore || firstLeft is not null);
    }

    private static async Task<(List<PendingChange> Changes, bool IsMore)> ReadChangesAsync(NpgsqlConnection connection, string workspaceId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectChanges, connection)
        {
            Parameters = { new() { Value = workspaceId }, new() { Value = MaxChanges } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var changes = new List<PendingChange>();
        for (var bytes = 0L; await reader.ReadAsync(cancellationToken); bytes += reader.GetInt32(3))
        {
            if (bytes >= MaxStoredBytes)
                return (changes, true);
            changes.Add(new PendingChange(reader.GetGuid(0), reader.GetString(1), reader.GetBoolean(2)));
        }

        return (changes, changes.Count == MaxChanges);
    }

    /// <returns>The meetings in the order of the changes, and the first one that is left for the next batch; null where none is.</returns>
    private static async Task<(Dictionary<string, ProjectedMeeting> Meetings, string? FirstLeft)> ReadMeetingsAsync(
        NpgsqlConnection connection, string workspaceId, List<PendingChange> changes, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectMeetings, connection)
        {
            Parameters = { new() { Value = workspaceId }, new() { Value = changes.Select(change => change.MeetingId).Distinct().ToArray() } },
        };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        var meetings = new Dictionary<string, ProjectedMeeting>(StringComparer.Ordinal);
        for (var bytes = 0L; await reader.ReadAsync(cancellationToken);)
        {
            var meetingId = reader.GetString(0);
            if (bytes > MaxTextBytes)
                return (meetings, meetingId);
            var meeting = new ProjectedMeeting(
                reader.GetFieldValue<Guid[]>(1), reader.GetInt32(2), reader.GetDateTime(3), await ReadTextAsync(reader, workspaceId, cancellationToken));
            meetings.Add(meetingId, meeting);
            bytes += meeting.Text.Memory.Length;
        }

        return (meetings, null);
    }

    private static async Task<LongValue<byte>> ReadTextAsync(NpgsqlDataReader reader, string workspaceId, CancellationToken cancellationToken)
    {
        string?[] fields = [reader.GetNullableText(4), reader.GetNullableText(5), reader.GetNullableText(6), reader.GetNullableText(7)];
        if (!reader.IsDBNull(TranscriptColumn))
        {
            using var transcript = await LongValue.ReadBytesAsync(reader, TranscriptColumn, cancellationToken);
            return FoldedText.Of(fields, transcript.Span);
        }

        if (reader.IsDBNull(BodyColumn))
            return FoldedText.Of(fields, Analysis.NoTranscript.Span);
        using var body = await LongValue.ReadBytesAsync(reader, BodyColumn, cancellationToken);
        return FoldedText.Of(fields, (CallbackParser.ReadStored(workspaceId, body.Memory)?.Transcript ?? Analysis.NoTranscript).Span);
    }

    private static async Task WriteAsync(
        NpgsqlConnection connection, string workspaceId, List<PendingChange> changes, Dictionary<string, ProjectedMeeting> meetings, long lastEventId,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var texts = meetings.OrderBy(meeting => meeting.Key, StringComparer.Ordinal).ToList();
        batch.BatchCommands.Add(Command(UpsertTexts, workspaceId,
            ArrayColumn.Of(texts, NpgsqlDbType.Text, meeting => meeting.Key),
            ArrayColumn.Of(texts, NpgsqlDbType.Uuid, meeting => meeting.Value.DeliveryId),
            ArrayColumn.Of(texts, NpgsqlDbType.Text, meeting => meeting.Value.Text.Memory)));
        batch.BatchCommands.Add(Command(OpenLeftBlocks, workspaceId, ArrayColumn.Of(texts, NpgsqlDbType.Text, meeting => meeting.Key)));
        batch.BatchCommands.Add(Command(UpsertFacts, workspaceId, ArrayColumn.Of(texts, NpgsqlDbType.Text, meeting => meeting.Key)));
        batch.BatchCommands.Add(Command(InsertFirstBlock, workspaceId));
        batch.BatchCommands.Add(Command(OpenBlocks, workspaceId, ArrayColumn.Of(texts, NpgsqlDbType.TimestampTz, meeting => meeting.Value.ReceivedAt)));

        // Of a meeting that is erased there is nothing to tell.
        var told = changes.Where(change => change.Announce && meetings.ContainsKey(change.MeetingId)).ToList();
        if (told.Count > 0)
        {
            batch.BatchCommands.Add(Command(InsertEvents, workspaceId,
                ArrayColumn.Of([.. told.Index()], NpgsqlDbType.Bigint, change => lastEventId + 1 + change.Index),
                ArrayColumn.Of(told, NpgsqlDbType.Text, change => change.MeetingId),
                ArrayColumn.Of(told, NpgsqlDbType.Uuid, change => change.DeliveryId),
                ArrayColumn.Of(told, NpgsqlDbType.Integer, change => meetings[change.MeetingId].RevisionOf(change.DeliveryId))));
            batch.BatchCommands.Add(FeedLock.Advance(workspaceId, lastEventId + told.Count));
            batch.BatchCommands.Add(Command(Notify, workspaceId));
        }

        batch.BatchCommands.Add(Command(DeleteChanges, workspaceId, ArrayColumn.Of(changes, NpgsqlDbType.Uuid, change => change.DeliveryId)));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand Command(string sql, string workspaceId, params ReadOnlySpan<NpgsqlParameter> columns)
    {
        var command = new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<string> { TypedValue = workspaceId } } };
        foreach (var column in columns)
            command.Parameters.Add(column);
        return command;
    }

    private readonly record struct PendingChange(Guid DeliveryId, string MeetingId, bool Announce);

    private sealed record ProjectedMeeting(Guid[] DeliveryIds, int Revision, DateTime ReceivedAt, LongValue<byte> Text)
    {
        /// <summary>The delivery of the current analysis.</summary>
        public Guid DeliveryId => DeliveryIds[Revision - 1];

        public int RevisionOf(Guid deliveryId) => Array.IndexOf(DeliveryIds, deliveryId) + 1;
    }
}
