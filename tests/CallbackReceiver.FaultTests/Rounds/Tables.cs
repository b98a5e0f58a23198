using CallbackReceiver.FaultTests.Machinery;
using Npgsql;

namespace CallbackReceiver.FaultTests.Rounds;

/// <summary>A row of the ledger: <c>BodySha256</c> as the service wrote it, <c>StoredSha256</c> of the bytes that are there.</summary>
internal sealed record DeliveryRow(
    Guid DeliveryId, string BodySha256, string StoredSha256, string Outcome, string? MeetingId, DateTime ReceivedAt, int Duplicates);

/// <summary>A row of the meetings.</summary>
internal sealed record MeetingRow(string MeetingId, string? Title, IReadOnlyList<Guid> DeliveryIds, int Revision, DateTime FirstReceivedAt, DateTime ReceivedAt);

/// <summary>What is in PostgreSQL, read at one moment.</summary>
internal sealed record Tables(IReadOnlyList<DeliveryRow> Deliveries, IReadOnlyList<MeetingRow> Meetings)
{
    private const string SelectDeliveries = """
        SELECT delivery_id, encode(body_sha256, 'hex'), encode(sha256(body), 'hex'), outcome, meeting_id, received_at, duplicates
        FROM deliveries
        """;

    private const string SelectMeetings = "SELECT meeting_id, title, delivery_ids, revision, first_received_at, received_at FROM meetings";

    public static async Task<Tables> ReadAsync(PostgresNode postgres, CancellationToken cancellationToken)
    {
        await using var connection = await postgres.OpenAsync(cancellationToken);
        var deliveries = await ReadAsync(connection, SelectDeliveries, ToDelivery, cancellationToken);
        var meetings = await ReadAsync(connection, SelectMeetings, ToMeeting, cancellationToken);
        return new Tables(deliveries, meetings);
    }

    public static Task EmptyAsync(PostgresNode postgres, CancellationToken cancellationToken) =>
        postgres.ExecuteAsync("TRUNCATE deliveries, meetings", cancellationToken);

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
