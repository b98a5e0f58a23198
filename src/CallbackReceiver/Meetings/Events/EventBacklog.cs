using System.Data;
using System.Diagnostics;
using System.Text.Json;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Meetings.Events;

/// <summary>The events in PostgreSQL. They are read where they are written, since a replica may not have them yet.</summary>
internal sealed partial class EventBacklog(EventDatabase dataSource, IOptions<JsonOptions> json, IOptions<EventOptions> options, ILogger<EventBacklog> logger)
    : IDisposable
{
    public const int MaxEvents = 100;

    /// <summary>As they are told. A single event may be longer.</summary>
    private const long MaxBytes = 512 * 1024;

    /// <summary>Readings at a time, of all workspaces: so many connections, and so many large meetings in the making.</summary>
    private const int MaxReadings = 4;

    private const int MaxTrimmed = 5000;

    private const string Trim = """
        WITH oldest AS (SELECT event_id, at FROM events WHERE workspace_id = $1 ORDER BY event_id LIMIT $2),
            old AS (SELECT max(event_id) AS event_id FROM oldest WHERE at < now() - $3),
            deleted AS (DELETE FROM events WHERE workspace_id = $1 AND event_id <= (SELECT event_id FROM old) RETURNING event_id)
        UPDATE feeds SET trimmed_event_id = greatest(trimmed_event_id, (SELECT event_id FROM old))
        WHERE workspace_id = $1 AND (SELECT count(*) FROM deleted) > 0
        """;

    private const string SelectState = "SELECT trimmed_event_id, last_event_id FROM feeds WHERE workspace_id = $1";

    // The lengths of texts are known without reading them. What is compressed may be some times longer: then reading stops by itself.
    private static readonly string SelectEvents = $"""
        SELECT {MeetingRow.Columns}, e.event_id
        FROM (
            SELECT first.event_id, first.meeting_id, sum({MeetingRow.Bytes}) OVER (ORDER BY first.event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM (SELECT event_id, meeting_id FROM events WHERE workspace_id = $1 AND event_id > $2 ORDER BY event_id LIMIT $3) AS first
            JOIN meetings m ON m.workspace_id = $1 AND m.meeting_id = first.meeting_id
        ) AS e
        JOIN meetings m ON m.workspace_id = $1 AND m.meeting_id = e.meeting_id
        WHERE coalesce(e.bytes_before, 0) < $4
        ORDER BY e.event_id
        """;

    private const string SelectFirst = """
        SELECT event_id, meeting_id, delivery_id, revision FROM events WHERE workspace_id = $1 AND event_id > $2 ORDER BY event_id LIMIT 1
        """;

    private const string NotShown = "the analysis is stored, and cannot be shown here";

    private readonly SemaphoreSlim readings = new(MaxReadings);

    public async Task<FeedState> ReadStateAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ReadStateAsync(connection, workspaceId, cancellationToken);
    }

    /// <summary>
    /// Reads the next events, up to <see cref="MaxEvents"/> and <see cref="MaxBytes"/>. Those of meetings that are erased are left out. One
    /// that cannot be shown is told without its meeting, so that it is in nobody's way.
    /// </summary>
    public async Task<EventBatch> ReadAsync(string workspaceId, long after, CancellationToken cancellationToken)
    {
        await readings.WaitAsync(cancellationToken);
        try
        {
            var readAt = Stopwatch.GetTimestamp();
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);

            // Before the events: all up to this number are there for them to be read.
            var state = await ReadStateAsync(connection, workspaceId, cancellationToken);
            var events = await TryReadAsync(connection, workspaceId, after, MaxEvents, cancellationToken)
                ?? await TryReadAsync(connection, workspaceId, after, 1, cancellationToken)
                ?? await ReadFirstAsync(connection, workspaceId, after, cancellationToken);
            return new EventBatch(workspaceId, state, events, readAt);
        }
        finally
        {
            readings.Release();
        }
    }

    public void Dispose() => readings.Dispose();

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
        await DurableCommit.RunAsync(connection);
    }

    private static async Task<FeedState> ReadStateAsync(NpgsqlConnection connection, string workspaceId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectState, connection) { Parameters = { new() { Value = workspaceId } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new FeedState(reader.GetInt64(0), reader.GetInt64(1)) : default;
    }

    /// <returns>The events up to the first that cannot be shown; null where that is the first of all.</returns>
    private async Task<List<FeedEvent>?> TryReadAsync(NpgsqlConnection connection, string workspaceId, long after, int limit, CancellationToken cancellationToken)
    {
        var events = new List<FeedEvent>();
        try
        {
            await using var command = new NpgsqlCommand(SelectEvents, connection)
            {
                Parameters = { new() { Value = workspaceId }, new() { Value = after }, new() { Value = limit }, new() { Value = MaxBytes, NpgsqlDbType = NpgsqlDbType.Bigint } },
            };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            for (var bytes = 0L; bytes < MaxBytes && await reader.ReadAsync(cancellationToken);)
            {
                var meeting = await MeetingRow.ReadAsync(reader, withTranscript: false, cancellationToken);
                events.Add(new FeedEvent(reader.GetInt64(reader.FieldCount - 1), LineOf(meeting)));
                bytes += events[^1].Json.Length;
            }
        }
        catch (Exception exception) when (IsOfTheRow(exception) && connection.FullState == ConnectionState.Open)
        {
            if (limit == 1)
                LogNotShown(logger, workspaceId, after, StorageFailure.Describe(exception));
            if (events.Count == 0)
                return null;
        }

        return events;
    }

    /// <summary>The next event without the meeting, whatever is wrong with that.</summary>
    private async Task<List<FeedEvent>> ReadFirstAsync(NpgsqlConnection connection, string workspaceId, long after, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectFirst, connection) { Parameters = { new() { Value = workspaceId }, new() { Value = after } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? [new FeedEvent(reader.GetInt64(0), LineOf(new HiddenMeeting(workspaceId, reader.GetString(1), reader.GetGuid(2), reader.GetInt32(3), NotShown)))]
            : [];
    }

    /// <summary>PostgreSQL answers, but not with the row; or what it answers cannot be shown.</summary>
    private static bool IsOfTheRow(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutException => false,
        NpgsqlException failure => failure is PostgresException { IsTransient: false },
        _ => true,
    };

    /// <summary>In one line, as an event's data must be: a line break in JSON is never within a string.</summary>
    private byte[] LineOf<T>(T value)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(value, json.Value.SerializerOptions);
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return line;
    }

    [LoggerMessage(207, LogLevel.Error, "The event of workspace {WorkspaceId} that follows {EventId} is told without its meeting, which cannot be shown: {Reason}")]
    private static partial void LogNotShown(ILogger logger, string workspaceId, long eventId, string reason);

    /// <summary>What is told of a meeting that cannot be shown.</summary>
    private sealed record HiddenMeeting(string WorkspaceId, string MeetingId, Guid DeliveryId, int Revision, string Note);
}
