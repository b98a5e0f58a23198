using System.Diagnostics;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>A connection on which PostgreSQL uses no index.</summary>
internal sealed class NaiveScan : IAsyncDisposable
{
    private const string WithoutIndexes = "SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off";

    private const string SelectAll = """
        SELECT workspace_id, meeting_id, title, summary, customer_satisfaction_rating, agent_performance_rating, agent_performance_feedback,
               risk_factor, items, metadata, speakers, segments, revision, delivery_ids[revision], first_received_at, received_at
        FROM meetings
        WHERE workspace_id = $1
        """;

    private readonly NpgsqlConnection connection;

    private NaiveScan(NpgsqlConnection connection) => this.connection = connection;

    public static async Task<NaiveScan> OpenAsync(BenchmarkDatabase database, CancellationToken cancellationToken)
    {
        var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(WithoutIndexes, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new NaiveScan(connection);
    }

    public async Task<(long Count, TimeSpan Elapsed)> RunAsync(NaiveQuery query, CancellationToken cancellationToken)
    {
        await using var command = CommandOf(query);
        var watch = Stopwatch.StartNew();
        var count = await command.ExecuteScalarAsync(cancellationToken);
        return (count as long? ?? 0, watch.Elapsed);
    }

    /// <summary>The ids that a query gives, in its order.</summary>
    public async Task<(IReadOnlyList<string> Ids, TimeSpan Elapsed)> ReadIdsAsync(NaiveQuery query, CancellationToken cancellationToken)
    {
        await using var command = CommandOf(query);
        var watch = Stopwatch.StartNew();
        var ids = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(reader.GetString(0));
        return (ids, watch.Elapsed);
    }

    /// <summary>Reads all meetings of a workspace without their transcripts, and throws them away.</summary>
    public async Task<(long Count, TimeSpan Elapsed)> ReadAllAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await using var command = CommandOf(new NaiveQuery(SelectAll, workspaceId));
        var watch = Stopwatch.StartNew();
        var count = 0L;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            count++;
        return (count, watch.Elapsed);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private NpgsqlCommand CommandOf(NaiveQuery query)
    {
        var command = new NpgsqlCommand(query.Sql, connection) { CommandTimeout = 0 };
        foreach (var parameter in query.Parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }
}
