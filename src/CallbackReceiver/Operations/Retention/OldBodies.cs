using System.Collections.Concurrent;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Operations.Retention;

/// <summary>
/// The bodies that are too old, cleared a small batch at a time. A meeting whose current analysis one of them brought is given its transcript
/// before, in the same transaction.
/// </summary>
internal sealed class OldBodies(TimeProvider time)
{
    private const int BatchRows = 200;

    /// <summary>As they were received: so much is in memory at once, but for a single longer one.</summary>
    private const int BatchBytes = 8 * 1024 * 1024;

    /// <summary>The bodies below a mark are cleared already. It is forgotten after a day, for what was stored below it since.</summary>
    private static readonly TimeSpan MarkAge = TimeSpan.FromDays(1);

    // A delivery's id is in the order of receiving. Rows are locked in the order in which every writer locks them, the ledger's first.
    private const string LockOld = """
        WITH old AS MATERIALIZED (
            SELECT delivery_id, sum(octet_length(body)) OVER (ORDER BY delivery_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM (
                SELECT delivery_id, body FROM deliveries
                WHERE workspace_id = $1 AND delivery_id > $2 AND delivery_id < $3 AND body IS NOT NULL AND ($4 OR outcome <> 'stored')
                ORDER BY delivery_id
                LIMIT $5
            ) AS first
        )
        SELECT d.delivery_id, m.meeting_id, CASE WHEN m.meeting_id IS NOT NULL THEN d.body END
        FROM deliveries AS d LEFT JOIN meetings AS m
            ON m.workspace_id = $1 AND m.meeting_id = d.meeting_id AND m.transcript IS NULL AND m.delivery_ids[m.revision] = d.delivery_id
        WHERE d.workspace_id = $1 AND d.delivery_id IN (SELECT delivery_id FROM old WHERE coalesce(bytes_before, 0) < $6)
        ORDER BY d.body_sha256
        FOR UPDATE OF d
        """;

    // A meeting that has been analysed again since has another transcript.
    private const string KeepTranscripts = """
        WITH locked AS MATERIALIZED (
            SELECT m.meeting_id, n.transcript
            FROM meetings AS m JOIN unnest($2, $3, $4) AS n (meeting_id, delivery_id, transcript) ON n.meeting_id = m.meeting_id
            WHERE m.workspace_id = $1 AND m.transcript IS NULL AND m.delivery_ids[m.revision] = n.delivery_id
            ORDER BY m.meeting_id
            FOR UPDATE OF m
        )
        UPDATE meetings AS m SET transcript = locked.transcript FROM locked WHERE m.workspace_id = $1 AND m.meeting_id = locked.meeting_id
        """;

    private const string ClearBodies = "UPDATE deliveries SET body = NULL WHERE workspace_id = $1 AND delivery_id = ANY ($2)";

    private readonly ConcurrentDictionary<(string WorkspaceId, bool OfMeetings), (Guid Last, long Since)> marks = new();

    /// <summary>Clears the bodies of deliveries received before then. Digest and times stay: the same bytes again are a duplicate.</summary>
    /// <param name="connection">The connection, with no transaction under way.</param>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="before">Those received earlier than this.</param>
    /// <param name="ofMeetings">False spares what is stored as an analysis.</param>
    /// <param name="cancellationToken">Ends the wait for PostgreSQL.</param>
    /// <returns>How many; 0 where none is left.</returns>
    public async Task<int> ClearAsync(NpgsqlConnection connection, string workspaceId, DateTimeOffset before, bool ofMeetings, CancellationToken cancellationToken)
    {
        if (!marks.TryGetValue((workspaceId, ofMeetings), out var mark) || time.GetElapsedTime(mark.Since) > MarkAge)
            mark = (Guid.Empty, time.GetTimestamp());

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var old = await LockAsync(connection, workspaceId, mark.Last, TimeOrderedId.FirstOf(before), ofMeetings, cancellationToken);
        if (old.Count > 0)
        {
            await WriteAsync(connection, workspaceId, old, cancellationToken);
            await DurableCommit.RunAsync(connection);
            mark.Last = old.Max(body => body.DeliveryId);
        }

        marks[(workspaceId, ofMeetings)] = mark;
        return old.Count;
    }

    private static async Task<List<OldBody>> LockAsync(
        NpgsqlConnection connection, string workspaceId, Guid after, Guid before, bool ofMeetings, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockOld, connection)
        {
            Parameters =
            {
                new() { Value = workspaceId },
                new() { Value = after },
                new() { Value = before },
                new() { Value = ofMeetings },
                new() { Value = BatchRows },
                new() { Value = BatchBytes },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var old = new List<OldBody>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var analysis = reader.IsDBNull(2) ? null : CallbackParser.ReadStored(workspaceId, reader.GetFieldValue<byte[]>(2));
            old.Add(new OldBody(reader.GetGuid(0), reader.GetNullableText(1), analysis?.Transcript));
        }

        return old;
    }

    private static async Task WriteAsync(NpgsqlConnection connection, string workspaceId, List<OldBody> old, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (old.FindAll(body => body.Transcript is not null) is { Count: > 0 } current)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(KeepTranscripts)
            {
                Parameters =
                {
                    new() { Value = workspaceId },
                    ArrayColumn.Of(current, NpgsqlDbType.Text, body => body.MeetingId),
                    ArrayColumn.Of(current, NpgsqlDbType.Uuid, body => body.DeliveryId),
                    ArrayColumn.Of(current, NpgsqlDbType.Json, body => body.Transcript!.Value),
                },
            });
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(ClearBodies)
        {
            Parameters = { new() { Value = workspaceId }, ArrayColumn.Of(old.FindAll(body => body.MeetingId is null || body.Transcript is not null), NpgsqlDbType.Uuid, body => body.DeliveryId) },
        });
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The meeting is the one whose transcript is in this body only. A body in which none is found any more is not cleared.</summary>
    private readonly record struct OldBody(Guid DeliveryId, string? MeetingId, ReadOnlyMemory<byte>? Transcript);
}
