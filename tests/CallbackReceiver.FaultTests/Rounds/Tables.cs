using CallbackReceiver.FaultTests.Machinery;
using Npgsql;

namespace CallbackReceiver.FaultTests.Rounds;

/// <summary>A row of the ledger: <c>BodySha256</c> as the service wrote it, <c>StoredSha256</c> of the bytes that are there.</summary>
internal sealed record DeliveryRow(
    Guid DeliveryId, string BodySha256, string StoredSha256, string Outcome, string? MeetingId, DateTime ReceivedAt, int Duplicates);

/// <summary>A row of the meetings.</summary>
internal sealed record MeetingRow(string MeetingId, string? Title, IReadOnlyList<Guid> DeliveryIds, int Revision, DateTime FirstReceivedAt, DateTime ReceivedAt);

/// <summary>What is in PostgreSQL, read when all is quiet.</summary>
/// <param name="Deliveries">The ledger.</param>
/// <param name="Meetings">The meetings.</param>
/// <param name="WrongProjections">What is made of them behind the commit and does not follow from them, a sentence each.</param>
internal sealed record Tables(IReadOnlyList<DeliveryRow> Deliveries, IReadOnlyList<MeetingRow> Meetings, IReadOnlyList<string> WrongProjections)
{
    private const string SelectDeliveries = """
        SELECT delivery_id, encode(body_sha256, 'hex'), encode(sha256(body), 'hex'), outcome, meeting_id, received_at, duplicates
        FROM deliveries
        """;

    private const string SelectMeetings = "SELECT meeting_id, title, delivery_ids, revision, first_received_at, received_at FROM meetings";

    // An event twice is not possible: its key is that of the delivery.
    private const string SelectUntold = """
        SELECT format('analysis %s has no event', d.delivery_id) FROM deliveries AS d
        WHERE d.outcome = 'stored'
            AND NOT EXISTS (SELECT FROM events AS e WHERE e.workspace_id = d.workspace_id AND e.delivery_id = d.delivery_id)
        """;

    private const string SelectWrongProjections = """
        SELECT format('event %s is of no analysis', e.event_id) FROM events AS e
        WHERE NOT EXISTS (SELECT FROM deliveries AS d WHERE d.workspace_id = e.workspace_id AND d.delivery_id = e.delivery_id AND d.outcome = 'stored')
        UNION ALL
        SELECT format('meeting %s is searched by another analysis than its current one', m.meeting_id) FROM meetings AS m
        LEFT JOIN search AS s USING (workspace_id, meeting_id)
        WHERE s.delivery_id IS DISTINCT FROM m.delivery_ids[m.revision]
        UNION ALL
        SELECT format('meeting %s is counted by another analysis than its current one', m.meeting_id) FROM meetings AS m
        LEFT JOIN facts AS f USING (workspace_id, meeting_id)
        WHERE f.received_at IS DISTINCT FROM m.received_at
        """;

    /// <param name="postgres">The server that has them.</param>
    /// <param name="areAllTold">Whether each analysis must have its event: those that a version before the events stored may lack it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Tables> ReadAsync(PostgresNode postgres, bool areAllTold, CancellationToken cancellationToken)
    {
        await using var connection = await postgres.OpenAsync(cancellationToken);
        var deliveries = await ReadAsync(connection, SelectDeliveries, ToDelivery, cancellationToken);
        var meetings = await ReadAsync(connection, SelectMeetings, ToMeeting, cancellationToken);
        var wrongs = await ReadAsync(connection, SelectWrongProjections, row => row.GetString(0), cancellationToken);
        if (areAllTold)
            wrongs.AddRange(await ReadAsync(connection, SelectUntold, row => row.GetString(0), cancellationToken));
        return new Tables(deliveries, meetings, wrongs);
    }

    public static Task EmptyAsync(PostgresNode postgres, CancellationToken cancellationToken) =>
        postgres.ExecuteAsync("TRUNCATE deliveries, meetings, events, search, search_blocks, search_segments, search_postings, facts", cancellationToken);

    private static async Task<List<T>> ReadAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> toRow, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(toRow(reader));
        return rows;
    }

    private static DeliveryRow ToDelivery(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), Text(reader, 4), reader.GetDateTime(5), reader.GetInt32(6));

    private static MeetingRow ToMeeting(NpgsqlDataReader reader) => new(
        reader.GetString(0), Text(reader, 1), reader.GetFieldValue<Guid[]>(2), reader.GetInt32(3), reader.GetDateTime(4), reader.GetDateTime(5));

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
