using System.Diagnostics;
using System.Globalization;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>Runs the plan: each run with a fresh database and a fresh process.</summary>
internal sealed class IngestRun(PostgresServer postgres, PostgresFacts facts, IngestPlan plan)
{
    public async Task<IngestResult> RunAsync(CancellationToken cancellationToken)
    {
        var ordinary = new List<RunResult>();
        foreach (var (index, round) in plan.Rounds.Index())
        {
            foreach (var variant in round)
                ordinary.Add(await RunAsync($"round {index + 1}", variant, plan.Ordinary, cancellationToken));
        }

        var large = await RunAsync("large bodies", Variant.Service, plan.Large, cancellationToken);
        return new IngestResult(ordinary, large);
    }

    private async Task<RunResult> RunAsync(string title, Variant variant, LoadShape shape, CancellationToken cancellationToken)
    {
        await using var database = await postgres.CreateDatabaseAsync(cancellationToken);
        await using var process = await VariantProcess.StartAsync(variant, database, cancellationToken);

        var load = new LoadGenerator(shape).RunAsync(process.Target);
        await Task.Delay(shape.WarmUp, cancellationToken);
        var (before, watch) = (Processors(process), Stopwatch.StartNew());
        await Task.WhenAny(load, Task.Delay(shape.Duration, cancellationToken));
        var processors = Processors(process).Since(before, watch.Elapsed);
        var loaded = await load;

        var peakMemory = ProcessFile.PeakMemory(process.Id);
        await process.StopAsync();
        var table = await TableCheck.RunAsync(database, loaded, cancellationToken);
        var result = new RunResult(variant, loaded, processors, peakMemory, table);
        await Console.Error.WriteLineAsync(Describe(title, result));
        return result;
    }

    private ProcessorUse Processors(VariantProcess process) => new(
        ProcessFile.ProcessorTime(process.Id),
        facts.PostmasterId is { } postmaster ? ProcessFile.FamilyProcessorTime(postmaster) : null,
        Environment.CpuUsage.TotalTime);

    private static string Describe(string title, RunResult run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{title}, {run.Variant.Name}: {run.Load.PerSecond:N0}/s, p99 {run.Load.Latencies.Percentile(0.99).TotalMilliseconds:N1} ms, {run.Table.Deliveries:N0} rows, {(run.IsRight ? "all right" : string.Join("; ", run.Wrongs))}");
}
