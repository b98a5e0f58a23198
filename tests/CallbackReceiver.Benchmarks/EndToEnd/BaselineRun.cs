using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using CallbackReceiver.Benchmarks.Cost;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>Tables as one would make them in an afternoon, and an index for searching.</summary>
/// <param name="Name">What it is, for the reader of the figures.</param>
/// <param name="Setup">Statements that make the index; none for no search.</param>
/// <param name="Extension">What the server must offer; null where that is nothing.</param>
/// <param name="WithPairs">Whether each row has its pairs of characters.</param>
internal sealed record PlainTables(string Name, string Setup = "", string? Extension = null, bool WithPairs = false)
{
    private const string Trigrams = "pg_trgm";

    public static readonly IReadOnlyList<PlainTables> All =
    [
        new("plain tables without search"),
        new("the same with a GIN of character pairs", "CREATE INDEX ON calls USING gin (pairs)", WithPairs: true),
        new($"the same with `{Trigrams}`", $"CREATE EXTENSION {Trigrams}; CREATE INDEX ON calls USING gin (text gin_trgm_ops)", Trigrams),
    ];
}

/// <summary>What came of a baseline.</summary>
/// <param name="Name">The baseline's.</param>
/// <param name="PerSecond">Rows a second that were committed, and searchable with it; null where the server has not what it needs.</param>
/// <param name="Spent">What PostgreSQL spent.</param>
/// <param name="Bytes">What the tables take on the disk.</param>
internal sealed record BaselineResult(string Name, double? PerSecond, Spending Spent, long Bytes);

/// <summary>Copies the calls into plain tables, some rows a transaction, over as many connections as there are cores.</summary>
internal sealed class BaselineRun(PostgresServer postgres, PostgresFacts facts, PlainTables tables)
{
    private const int RowsOfTransaction = 200;

    /// <summary>The processor time of a session that is just ending is nowhere to be read.</summary>
    private static readonly TimeSpan UntilSessionsHaveEnded = TimeSpan.FromSeconds(1);

    private const string Schema = """
        CREATE TABLE ledger (delivery_id uuid PRIMARY KEY, body_sha256 bytea NOT NULL UNIQUE, body bytea NOT NULL, received_at timestamptz NOT NULL);
        CREATE TABLE calls (
            workspace_id text, meeting_id text, received_at timestamptz NOT NULL, customer_satisfaction_rating text, agent_performance_rating text,
            risk_factor text, text text NOT NULL, pairs int[], PRIMARY KEY (workspace_id, meeting_id));
        CREATE INDEX ON calls (workspace_id, received_at);
        """;

    public async Task<BaselineResult> RunAsync(IReadOnlyList<byte[]> bodies, CancellationToken cancellationToken)
    {
        await using var database = await postgres.CreateDatabaseAsync(cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        if (tables.Extension is { } extension
            && !await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = '{extension}')", cancellationToken))
        {
            return new BaselineResult(tables.Name, null, default, 0);
        }

        await connection.ExecuteAsync(Schema + tables.Setup, cancellationToken);
        var rows = bodies.AsParallel().AsOrdered().Select(body => Row.Of(body, tables.WithPairs)).ToArray();
        var begun = await SpendingAsync(connection, cancellationToken);
        var watch = Stopwatch.StartNew();
        var parts = new ConcurrentQueue<Row[]>(rows.Chunk(RowsOfTransaction));
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() => CopyAsync(database, parts, cancellationToken), cancellationToken)));
        var elapsed = watch.Elapsed;
        await Task.Delay(UntilSessionsHaveEnded, cancellationToken);
        var spent = await SpendingAsync(connection, cancellationToken) - begun;
        await connection.ExecuteAsync("VACUUM (ANALYZE)", cancellationToken);
        var bytes = await connection.ScalarAsync<long>("SELECT (pg_total_relation_size('ledger') + pg_total_relation_size('calls'))::bigint", cancellationToken);
        return new BaselineResult(tables.Name, rows.Length / elapsed.TotalSeconds, spent, bytes);
    }

    private static async Task CopyAsync(BenchmarkDatabase database, ConcurrentQueue<Row[]> parts, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        while (parts.TryDequeue(out var rows))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await CopyAsync(connection, rows, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private static async Task CopyAsync(NpgsqlConnection connection, Row[] rows, CancellationToken cancellationToken)
    {
        await using (var ledger = await connection.BeginBinaryImportAsync("COPY ledger FROM STDIN (FORMAT BINARY)", cancellationToken))
        {
            foreach (var row in rows)
            {
                await ledger.StartRowAsync(cancellationToken);
                await ledger.WriteAsync(row.DeliveryId, NpgsqlDbType.Uuid, cancellationToken);
                await ledger.WriteAsync(row.Sha256, NpgsqlDbType.Bytea, cancellationToken);
                await ledger.WriteAsync(row.Body, NpgsqlDbType.Bytea, cancellationToken);
                await ledger.WriteAsync(row.ReceivedAt, NpgsqlDbType.TimestampTz, cancellationToken);
            }

            await ledger.CompleteAsync(cancellationToken);
        }

        await using var calls = await connection.BeginBinaryImportAsync("COPY calls FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var row in rows)
        {
            await calls.StartRowAsync(cancellationToken);
            await calls.WriteAsync(VariantProcess.WorkspaceId, NpgsqlDbType.Text, cancellationToken);
            await calls.WriteAsync(row.MeetingId, NpgsqlDbType.Text, cancellationToken);
            await calls.WriteAsync(row.ReceivedAt, NpgsqlDbType.TimestampTz, cancellationToken);
            foreach (var text in (string?[])[row.CustomerSatisfaction, row.AgentPerformance, row.RiskFactor, row.Text])
                await calls.WriteAsync(text, NpgsqlDbType.Text, cancellationToken);
            await calls.WriteAsync(row.Pairs, NpgsqlDbType.Array | NpgsqlDbType.Integer, cancellationToken);
        }

        await calls.CompleteAsync(cancellationToken);
    }

    private async Task<Spending> SpendingAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await Spending.ReadAsync(serviceId: null, facts, connection, cancellationToken);

    private sealed record Row(
        Guid DeliveryId, byte[] Sha256, byte[] Body, DateTime ReceivedAt, string MeetingId, string? CustomerSatisfaction, string? AgentPerformance, string? RiskFactor, string Text, int[]? Pairs)
    {
        public static Row Of(byte[] body, bool withPairs)
        {
            using var json = JsonDocument.Parse(body);
            var payload = json.RootElement.GetProperty("payload");
            var text = MadeCalls.TextOf(payload);
            return new Row(
                Guid.CreateVersion7(), SHA256.HashData(body), body, DateTime.UtcNow, payload.GetProperty("meeting_id").GetString()!,
                payload.GetProperty("customer_satisfaction_rating").GetString(), payload.GetProperty("agent_performance_rating").GetString(),
                payload.GetProperty("risk_factor").GetString(), text, withPairs ? PairsOf(text) : null);
        }

        private static int[] PairsOf(string text)
        {
            var pairs = new HashSet<int>();
            for (var at = 1; at < text.Length; at++)
                pairs.Add((text[at - 1] << 16) | text[at]);
            return [.. pairs];
        }
    }
}
