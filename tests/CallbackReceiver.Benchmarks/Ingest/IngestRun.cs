using System.Diagnostics;
using System.Globalization;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>Runs the plan: each run with a database of its own that has the schema, as at every start but the first, and a fresh process.</summary>
internal sealed class IngestRun(PostgresServer postgres, PostgresFacts facts, IngestPlan plan)
{
    public async Task<IngestResult> RunAsync(CancellationToken cancellationToken)
    {
        var pgbench = await PgbenchRun.FindAsync(postgres, cancellationToken);
        var filled = plan.Rounds.Any(round => round.Contains(Variant.Filled))
            ? await FilledDatabase.CreateAsync(postgres, plan.FilledMeetings, cancellationToken)
            : null;
        await using var template = filled;
        var ordinary = new List<RunResult>();
        foreach (var (index, round) in plan.Rounds.Index())
        {
            foreach (var variant in round.Where(variant => variant != Variant.Pgbench || pgbench is not null))
                ordinary.Add(await RunInRoundAsync($"round {index + 1}", variant));
        }

        var twoHours = await RunAsync("bodies of two hours", Variant.Service, plan.TwoHours, template: null, cancellationToken);
        var large = await RunAsync("large bodies", Variant.Service, plan.Large, template: null, cancellationToken);
        return new IngestResult(ordinary, twoHours, large);

        Task<RunResult> RunInRoundAsync(string title, Variant variant) => variant == Variant.Pgbench
            ? RunPgbenchAsync(title, pgbench!, cancellationToken)
            : RunAsync(title, variant, plan.Ordinary, variant == Variant.Filled ? filled : null, cancellationToken);
    }

    private async Task<RunResult> RunAsync(string title, Variant variant, LoadShape shape, BenchmarkDatabase? template, CancellationToken cancellationToken)
    {
        await using var database = await postgres.CreateDatabaseAsync(cancellationToken, template);
        if (template is null)
            await SchemaSetup.MigrateAsync(database.ConnectionString, cancellationToken);
        await using var process = await VariantProcess.StartAsync(variant, database, cancellationToken);

        var load = new LoadGenerator(shape).RunAsync(process.Target);
        await Task.Delay(shape.WarmUp, cancellationToken);
        var cores = await MeasureAsync(() => Task.WhenAny(load, Task.Delay(shape.Duration, cancellationToken)), process.Id);
        var loaded = await load;

        var peakMemory = ProcessFile.PeakMemory(process.Id);
        await SpoolDrain.WaitAsync(database, loaded, template is null ? 0 : plan.FilledMeetings, cancellationToken);
        await process.StopAsync();
        var table = await TableCheck.RunAsync(database, loaded, template is null ? 0 : plan.FilledMeetings, cancellationToken);
        return await ReportAsync(title, RunResult.Of(variant, loaded, cores, peakMemory, table));
    }

    private async Task<RunResult> RunPgbenchAsync(string title, string program, CancellationToken cancellationToken)
    {
        await using var database = await postgres.CreateDatabaseAsync(cancellationToken);
        return await ReportAsync(title, await new PgbenchRun(database, plan.Ordinary).RunAsync(program, work => MeasureAsync(work, processId: null), cancellationToken));
    }

    private async Task<CoresBusy> MeasureAsync(Func<Task> work, int? processId)
    {
        var (before, watch) = (Processors(processId), Stopwatch.StartNew());
        await work();
        return Processors(processId).Since(before, watch.Elapsed);
    }

    private ProcessorUse Processors(int? processId) => new(
        processId is { } variant ? ProcessFile.ProcessorTime(variant) : null,
        facts.PostmasterId is { } postmaster ? ProcessFile.FamilyProcessorTime(postmaster) : null,
        Environment.CpuUsage.TotalTime);

    private static async Task<RunResult> ReportAsync(string title, RunResult run)
    {
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{title}, {run.Variant.Name}: {run.PerSecond:N0}/s, p99 {run.Latencies.Percentile(0.99).TotalMilliseconds:N1} ms, {run.Rows:N0} rows, {(run.IsRight ? "all right" : string.Join("; ", run.Wrongs))}"));
        return run;
    }
}
