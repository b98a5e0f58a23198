using System.Security.Cryptography;
using CallbackReceiver.Benchmarks.Query.Data;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>What came of all cases.</summary>
/// <param name="Fill">Making the meetings; null where an earlier run had made them.</param>
/// <param name="Search">Making them searchable.</param>
/// <param name="Tables">The tables after both.</param>
/// <param name="Cases">The latencies.</param>
/// <param name="Exports">The exports.</param>
internal sealed record QueryResult(
    TimeSpan? Fill, SearchFill Search, IReadOnlyList<TableSize> Tables, IReadOnlyList<CaseResult> Cases, IReadOnlyList<ExportResult> Exports)
{
    public bool IsRight => Search.Left == 0 && Cases.All(result => result.IsRight) && Exports.All(result => result.IsRight);
}

/// <summary>Makes the meetings, starts the service on them, waits until they can be searched, and asks.</summary>
/// <param name="database">Holds the meetings, or will.</param>
/// <param name="plan">The meetings.</param>
/// <param name="requests">How many of each kind are measured.</param>
/// <param name="only">Only the cases whose name holds this; null for all, and the exports.</param>
internal sealed class QueryRun(BenchmarkDatabase database, DataPlan plan, int requests, string? only)
{
    public async Task<QueryResult> RunAsync(CancellationToken cancellationToken)
    {
        var fill = await new DataFill(plan, database.ConnectionString).RunAsync(cancellationToken);
        var apiKey = RandomNumberGenerator.GetHexString(32);
        await using var service = await VariantProcess.StartAsync(Variant.Service, database, cancellationToken, apiKey);
        await using var connection = await database.OpenAsync(cancellationToken);
        var search = await SearchFill.WaitAsync(connection, cancellationToken);
        await Console.Error.WriteLineAsync(search.Elapsed is { } elapsed ? $"searchable after {elapsed.TotalSeconds:N0} s" : "no queue for the search");
        await SettleAsync(connection, cancellationToken);
        var tables = await TableSize.ReadAsync(connection, cancellationToken);

        using var reader = new ReaderClient(service.Target, apiKey);
        await using var scan = await NaiveScan.OpenAsync(database, cancellationToken);
        var cases = await AskAsync(reader, scan, cancellationToken);
        var exports = only is null ? await new ExportRun(reader, scan, service.Id).RunAsync(cancellationToken) : [];
        await service.StopAsync();
        return new QueryResult(fill, search, tables, cases, exports);
    }

    private async Task<IReadOnlyList<CaseResult>> AskAsync(ReaderClient reader, NaiveScan scan, CancellationToken cancellationToken)
    {
        var results = new List<CaseResult>();
        var run = new CaseRun(reader, scan, requests);
        foreach (var query in new QueryCases(plan).All.Where(query => only is null || query.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
            await AddAsync(run.RunAsync(query, cancellationToken));
        if (only is null)
            await AddAsync(new DeepPages(reader, scan, plan).RunAsync(cancellationToken));
        return results;

        async Task AddAsync(Task<CaseResult> running)
        {
            var result = await running;
            results.Add(result);
            await Console.Error.WriteLineAsync($"{result.Name}: {(result.IsRight ? "right" : result.Error ?? "WRONG")}");
        }
    }

    /// <summary>What autovacuum and the checkpointer would do within minutes is done, so that it does not fall into the measured time.</summary>
    private static async Task SettleAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("VACUUM (ANALYZE)", cancellationToken);
        await connection.ExecuteAsync("CHECKPOINT", cancellationToken);
    }
}
