using System.Diagnostics;
using System.Security.Cryptography;
using CallbackReceiver.Benchmarks.Cost;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Query;
using CallbackReceiver.Benchmarks.Query.Data;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>What came of a run.</summary>
/// <param name="Sending">From the first call that was sent to the last that was answered.</param>
/// <param name="Searchable">From the first call that was sent until one that was sent after all others was found.</param>
/// <param name="Told">From the first call that was sent until all were told to a listener.</param>
/// <param name="Found">From the answer to a call until a search finds it, a call a second.</param>
/// <param name="Announced">From the answer to a call until a listener is told.</param>
/// <param name="Receiving">What was spent while calls were sent.</param>
/// <param name="Following">What was spent after that, until nothing was left to do.</param>
/// <param name="Bytes">What the tables grew by on the disk.</param>
/// <param name="PeakMemory">Of the service, in bytes; null where it cannot be seen.</param>
/// <param name="Calls">How many were sent, and counted by the listener.</param>
/// <param name="Spooled">How many of them were answered 202: they were in the spool, and not yet in the tables.</param>
/// <param name="Probes">How many more were sent to be searched for.</param>
/// <param name="Stored">How many of both the tables hold.</param>
/// <param name="ToldCalls">How many calls were told.</param>
/// <param name="RepeatedEvents">How many events told of a call that had been told before.</param>
internal sealed record EndToEndResult(
    TimeSpan Sending, TimeSpan Searchable, TimeSpan Told, LatencyHistogram Found, LatencyHistogram Announced, Spending Receiving, Spending Following, long Bytes,
    long? PeakMemory, long Calls, long Spooled, long Probes, long Stored, long ToldCalls, long RepeatedEvents)
{
    /// <summary>Whether all were stored, and each call told once.</summary>
    public bool IsRight => Stored == Calls + Probes && ToldCalls == Calls && RepeatedEvents == 0;
}

/// <summary>Sends the calls to a service of its own, while one reader searches and another listens, and waits until the service has done all that follows.</summary>
internal sealed class EndToEndRun(PostgresServer postgres, PostgresFacts facts, EndToEndPlan plan)
{
    /// <summary>Where events are missing, the report says so.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<EndToEndResult> RunAsync(IReadOnlyList<byte[]> bodies, CancellationToken cancellationToken)
    {
        await using var database = await postgres.CreateDatabaseAsync(cancellationToken);
        if (plan.Meetings > 0)
            await new DataFill(new DataPlan(plan.Meetings, DataPlan.DefaultSeed), database.ConnectionString).RunAsync(cancellationToken);
        var apiKey = RandomNumberGenerator.GetHexString(32);
        await using var service = await VariantProcess.StartAsync(Variant.Service, database, cancellationToken, apiKey);
        await using var connection = await database.OpenAsync(cancellationToken);
        if (plan.Meetings > 0)
            await SearchFill.WaitAsync(connection, cancellationToken);

        var sender = new CallSender(bodies, service.Target);
        using var searching = new ReaderClient(service.Target, apiKey);
        using var listening = new ReaderClient(service.Target, apiKey);
        using var probe = new SearchProbe(searching, service.Target);
        var events = new EventCount(listening, sender);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var heard = new TaskCompletionSource();
        var counting = events.RunAsync(heard, over.Token);
        await heard.Task.WaitAsync(cancellationToken);
        var result = await MeasureAsync(service, connection, sender, probe, events, bodies.Count, cancellationToken);
        await over.CancelAsync();
        await counting;
        await service.StopAsync();
        return result;
    }

    private async Task<EndToEndResult> MeasureAsync(
        VariantProcess service, NpgsqlConnection connection, CallSender sender, SearchProbe probe, EventCount events, int calls, CancellationToken cancellationToken)
    {
        var bytesBefore = await BytesAsync(connection, cancellationToken);
        var begun = await SpendingAsync(service, connection, cancellationToken);
        var watch = Stopwatch.StartNew();
        using var sent = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var probing = probe.RunAsync(sent.Token);
        await sender.RunAsync(plan.PerSecond, cancellationToken);
        var sending = watch.Elapsed;
        var received = await SpendingAsync(service, connection, cancellationToken);
        await sent.CancelAsync();
        await probing;
        await probe.FindAsync(cancellationToken);
        var searchable = watch.Elapsed;
        while (events.Told < calls && watch.Elapsed - searchable < LongestDelay)
            await Task.Delay(Pause, cancellationToken);
        var told = watch.Elapsed;
        await SearchFill.WaitAsync(connection, cancellationToken);
        var done = await SpendingAsync(service, connection, cancellationToken);

        var stored = await connection.ScalarAsync<long>($"SELECT count(*) FROM deliveries d JOIN meetings m USING (workspace_id, meeting_id) WHERE d.workspace_id = '{service.Target.WorkspaceId}' AND d.outcome = 'stored'", cancellationToken);
        var bytes = await BytesAsync(connection, cancellationToken) - bytesBefore;
        return new EndToEndResult(
            sending, searchable, told, probe.Delays, events.Delays, received - begun, done - received, bytes, ProcessFile.PeakMemory(service.Id), calls, sender.Spooled, probe.Sent, stored,
            events.Told, events.Repeated);
    }

    private Task<Spending> SpendingAsync(VariantProcess service, NpgsqlConnection connection, CancellationToken cancellationToken) =>
        Spending.ReadAsync(service.Id, facts, connection, cancellationToken);

    /// <summary>After a VACUUM, as autovacuum would within minutes.</summary>
    private static async Task<long> BytesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("VACUUM (ANALYZE)", cancellationToken);
        return (await RelationSize.ReadAsync(connection, cancellationToken)).Sum(relation => relation.Bytes);
    }
}
