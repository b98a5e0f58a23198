using System.Diagnostics;
using CallbackReceiver.Benchmarks.Query;
using CallbackReceiver.Benchmarks.Query.Data;
using CallbackReceiver.Benchmarks.Servers;
using CallbackReceiver.Callbacks;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Cost;

/// <summary>What came of a run.</summary>
/// <param name="BodyBytes">Of all bodies together.</param>
/// <param name="Sending">How long the callbacks were being sent.</param>
/// <param name="Receiving">What was spent in that time, a part of the work behind the commits among it.</param>
/// <param name="Following">What was spent after it, until nothing was left to do.</param>
/// <param name="Relations">What tables and indexes grew by.</param>
/// <param name="Stored">How many of the callbacks the tables hold.</param>
/// <param name="Searchable">How many of them can be searched.</param>
/// <param name="IsRight">Whether that is all of them.</param>
internal sealed record CostResult(
    long BodyBytes, TimeSpan Sending, Spending Receiving, Spending Following, IReadOnlyList<RelationSize> Relations, long Stored, long Searchable, bool IsRight);

/// <summary>Sends the callbacks to a service of its own, waits until it has done all that follows, and reads what both took.</summary>
internal sealed class CostRun(PostgresServer postgres, PostgresFacts facts, CostPlan plan)
{
    public async Task<CostResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await postgres.CreateDatabaseAsync(cancellationToken);
        if (plan.Meetings > 0)
            await new DataFill(new DataPlan(plan.Meetings, DataPlan.DefaultSeed), database.ConnectionString).RunAsync(cancellationToken);
        await using var service = await VariantProcess.StartAsync(Variant.Service, database, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        if (plan.Meetings > 0)
            await SearchFill.WaitAsync(connection, cancellationToken);
        var (empty, begun) = (await SizesAsync(connection, cancellationToken), await ReadAsync(service, connection, cancellationToken));

        var watch = Stopwatch.StartNew();
        var bodyBytes = await SendAsync(service, cancellationToken);
        var sending = watch.Elapsed;
        var sent = await ReadAsync(service, connection, cancellationToken);
        await SearchFill.WaitAsync(connection, cancellationToken);
        var done = await ReadAsync(service, connection, cancellationToken);

        var sizes = await SizesAsync(connection, cancellationToken);
        var stored = await connection.ScalarAsync<long>($"SELECT count(*) FROM deliveries d JOIN meetings m USING (workspace_id, meeting_id) WHERE d.workspace_id = '{service.Target.WorkspaceId}' AND d.outcome = 'stored' AND d.body IS NOT NULL", cancellationToken);
        var searchable = await connection.ScalarAsync<long>($"SELECT count(*) FROM search JOIN facts USING (workspace_id, meeting_id) WHERE workspace_id = '{service.Target.WorkspaceId}'", cancellationToken);
        await service.StopAsync();
        return new CostResult(bodyBytes, sending, sent - begun, done - sent, RelationSize.Grown(empty, sizes), stored, searchable, stored == plan.Callbacks && searchable == plan.Callbacks);
    }

    /// <returns>The length of all bodies.</returns>
    /// <exception cref="HttpRequestException">A callback was refused.</exception>
    /// <remarks>One that was answered from the spool is counted among the stored ones at the end, as the wait for the rest of the work covers it.</remarks>
    private async Task<long> SendAsync(VariantProcess service, CancellationToken cancellationToken)
    {
        var (next, bytes) = (-1, 0L);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{service.Target.Address}") };
        await Task.WhenAll(Enumerable.Range(0, CostPlan.Connections).Select(_ => Task.Run(SendAsync, cancellationToken)));
        return bytes;

        async Task SendAsync()
        {
            var maker = new CallBody(service.Target.WorkspaceId, CostPlan.BodyLength, [new ChineseCalls()]);
            for (var number = Interlocked.Increment(ref next); number < plan.Callbacks; number = Interlocked.Increment(ref next))
            {
                var body = maker.Make(number);
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/callbacks/{service.Target.WorkspaceId}") { Content = new ByteArrayContent(body) };
                request.Headers.Add(Signature.HeaderName, service.Target.Sign(body));
                using var answer = await client.SendAsync(request, cancellationToken);
                answer.EnsureSuccessStatusCode();
                Interlocked.Add(ref bytes, body.Length);
            }
        }
    }

    private Task<Spending> ReadAsync(VariantProcess service, NpgsqlConnection connection, CancellationToken cancellationToken) =>
        Spending.ReadAsync(service.Id, facts, connection, cancellationToken);

    /// <summary>After a VACUUM, as autovacuum would within minutes: rows that came and went, such as those of the queue, take no space then.</summary>
    private static async Task<IReadOnlyList<RelationSize>> SizesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("VACUUM (ANALYZE)", cancellationToken);
        return await RelationSize.ReadAsync(connection, cancellationToken);
    }
}
