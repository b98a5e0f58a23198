using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>Compares the tables with the answers: each callback that was answered as stored or spooled is there once, and nothing else is.</summary>
/// <param name="Deliveries">New rows of the ledger.</param>
/// <param name="Meetings">New rows of the meetings.</param>
/// <param name="Wrongs">What is wrong, one sentence each.</param>
internal sealed record TableCheck(long Deliveries, long Meetings, IReadOnlyList<string> Wrongs)
{
    // The bytes that are there have the digest of those that came; no body came twice.
    private const string CountDamaged = "SELECT count(*) FROM deliveries WHERE sha256(body) <> body_sha256 OR outcome <> 'stored' OR duplicates <> 0";

    private const string CountOdd = "SELECT count(*) FROM meetings WHERE cardinality(delivery_ids) <> 1 OR revision <> 1";

    private const string CountUnlinked = """
        SELECT count(*) FROM meetings AS m
        WHERE NOT EXISTS (
            SELECT FROM deliveries AS d
            WHERE d.workspace_id = m.workspace_id AND d.delivery_id = m.delivery_ids[1] AND d.meeting_id = m.meeting_id)
        """;

    /// <param name="database">The tables.</param>
    /// <param name="load">The answers.</param>
    /// <param name="there">How many meetings were there before, each with a delivery.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public static async Task<TableCheck> RunAsync(BenchmarkDatabase database, LoadResult load, int there, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var wrongs = new List<string>();
        var deliveries = await CompareAsync(connection, "deliveries", load, there, wrongs, cancellationToken);
        var meetings = await CompareAsync(connection, "meetings", load, there, wrongs, cancellationToken);
        await ExpectNoneAsync(connection, CountDamaged, "rows of deliveries are not as they were sent", wrongs, cancellationToken);
        await ExpectNoneAsync(connection, CountOdd, "rows of meetings have not exactly one revision", wrongs, cancellationToken);
        await ExpectNoneAsync(connection, CountUnlinked, "rows of meetings have no delivery", wrongs, cancellationToken);
        return new TableCheck(deliveries, meetings, wrongs);
    }

    private static async Task<long> CompareAsync(
        NpgsqlConnection connection, string table, LoadResult load, int there, List<string> wrongs, CancellationToken cancellationToken)
    {
        var rows = new int[load.Sent];
        var strange = 0;
        await using var command = new NpgsqlCommand($"SELECT meeting_id FROM {table}", connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (CallbackNumber.Read(reader.GetString(0)) is { } number && number < rows.Length)
                rows[number]++;
            else
                strange++;
        }

        strange -= there;
        var total = rows.Sum(count => (long)count) + strange;
        var missing = load.Accepted.Count(number => rows[number] == 0);
        var doubled = rows.Count(count => count > 1);
        var unanswered = total - strange - load.Accepted.Sum(number => (long)rows[number]);
        AddIfAny(missing, "accepted, and missing");
        AddIfAny(doubled, "there more than once");
        AddIfAny(strange, "that nobody sent");
        AddIfAny(unanswered, "there without an answer");
        return total;

        void AddIfAny(long count, string what)
        {
            if (count != 0)
                wrongs.Add($"{table}: {count} {what}");
        }
    }

    private static async Task ExpectNoneAsync(NpgsqlConnection connection, string sql, string what, List<string> wrongs, CancellationToken cancellationToken)
    {
        if (await connection.ScalarAsync<long>(sql, cancellationToken) is > 0 and var count)
            wrongs.Add($"{count} {what}");
    }
}
