using System.Text.Json;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CallbackReceiver.Meetings.Events;

/// <summary>An event of a workspace: that a meeting has a new analysis.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Json">The meeting as the list has it, when the event was read.</param>
internal sealed record FeedEvent(long Id, string Json);

/// <summary>Which events of a workspace there are.</summary>
/// <param name="Trimmed">The number of the last one that is no longer kept; 0 where all are.</param>
/// <param name="Last">The number of the last one; 0 where there is none.</param>
internal readonly record struct FeedState(long Trimmed, long Last);

/// <summary>The events in PostgreSQL. They are read where they are written, since a replica may not have them yet.</summary>
internal sealed class EventBacklog(EventDatabase dataSource, IOptions<JsonOptions> json, IOptions<EventOptions> options)
{
    public const int MaxEvents = 100;

    private const int MaxTrimmed = 5000;

    private const string Trim = """
        WITH oldest AS (SELECT event_id, at FROM events WHERE workspace_id = $1 ORDER BY event_id LIMIT $2),
            old AS (SELECT max(event_id) AS event_id FROM oldest WHERE at < now() - $3),
            deleted AS (DELETE FROM events WHERE workspace_id = $1 AND event_id <= (SELECT event_id FROM old) RETURNING event_id)
        UPDATE feeds SET trimmed_event_id = greatest(trimmed_event_id, (SELECT event_id FROM old))
        WHERE workspace_id = $1 AND (SELECT count(*) FROM deleted) > 0
        """;

    public async Task<FeedState> ReadStateAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT trimmed_event_id, last_event_id FROM feeds WHERE workspace_id = $1");
        command.Parameters.Add(new() { Value = workspaceId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new FeedState(reader.GetInt64(0), reader.GetInt64(1)) : default;
    }

    /// <summary>Reads the next events, up to <see cref="MaxEvents"/>. Those of meetings that are erased are left out.</summary>
    public async Task<List<FeedEvent>> ReadAsync(string workspaceId, long after, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var sql = new Sql().AppendText($"SELECT {MeetingRow.Columns}, e.event_id FROM events e")
            .AppendText("JOIN meetings m ON m.workspace_id = e.workspace_id AND m.meeting_id = e.meeting_id")
            .Append($"WHERE e.workspace_id = {workspaceId} AND e.event_id > {after} ORDER BY e.event_id LIMIT {MaxEvents}");
        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<FeedEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var meeting = await MeetingRow.ReadAsync(reader, withTranscript: false, cancellationToken);
            events.Add(new FeedEvent(reader.GetInt64(reader.FieldCount - 1), JsonSerializer.Serialize(meeting, json.Value.SerializerOptions)));
        }

        return events;
    }

    /// <summary>Deletes some of the events that are older than they are kept.</summary>
    public async Task TrimAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FeedLock.TryTakeAsync(connection, workspaceId, cancellationToken) is null)
            return;
        await using var command = new NpgsqlCommand(Trim, connection)
        {
            Parameters = { new() { Value = workspaceId }, new() { Value = MaxTrimmed }, new() { Value = options.Value.Keep } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
