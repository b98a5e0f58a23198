using System.Text;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;
using static CallbackReceiver.Benchmarks.Reports.Figures;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>The figures, as Markdown.</summary>
internal static class IngestReport
{
    private const double PerSecondTarget = 10_000;
    private const double PgbenchTarget = 2;
    private const double PatienceTarget = 60; // milliseconds
    private const double FilledTarget = 0.85;
    private const double TwoHoursTarget = 150;
    private const double InsertTarget = 2.5;
    private const double EfTarget = 7;
    private const double OrdinaryMemoryTarget = 160; // in millions of bytes, as is LargeMemoryTarget
    private const double LargeMemoryTarget = 400;

    public static string Write(IngestPlan plan, MachineFacts machine, PostgresFacts postgres, IngestResult result)
    {
        var report = new StringBuilder();
        AddFacts(report, plan, machine, postgres);
        AddRounds(report, result.Ordinary);
        AddCores(report, result.Ordinary);
        AddTargets(report, result);
        AddWrongs(report, result);
        return report.ToString();
    }

    private static void AddFacts(StringBuilder report, IngestPlan plan, MachineFacts machine, PostgresFacts postgres)
    {
        var (ordinary, large) = (plan.Ordinary, plan.Large);
        report.AppendLine(machine.ToString());
        report.AppendLine(postgres.ToString());
        report.AppendLine(Line($"{ordinary.Connections} connections, bodies of {ordinary.BodyLength:N0} bytes, each with a meeting of its own, signed by the sender; rounds: {plan.Rounds.Count}, of {ordinary.WarmUp.TotalSeconds:N0} s to warm up and {ordinary.Duration.TotalSeconds:N0} s measured, a fresh database and process each, every other round in reverse order."));
        report.AppendLine(Line($"`{Variant.Filled.Name}`: {plan.FilledMeetings:N0} meetings. Two hours: {plan.TwoHours.Connections} connections, bodies of {plan.TwoHours.BodyLength:N0} bytes, {plan.TwoHours.Duration.TotalSeconds:N0} s."));
        report.AppendLine(Line($"Large: {large.Connections} connections, bodies of {large.BodyLength:N0} bytes, {large.Duration.TotalSeconds:N0} s."));
        report.AppendLine();
        foreach (var variant in Variant.All)
            report.AppendLine($"- `{variant.Name}`: {variant.Description}");
        report.AppendLine();
    }

    private static void AddRounds(StringBuilder report, IReadOnlyList<RunResult> runs)
    {
        var table = new MarkdownTable("variant", "callbacks/s", "range", "p50 ms", "p95 ms", "p99 ms", "peak memory MB", "answered", "spooled", "rows", "errors");
        foreach (var variant in runs.GroupBy(run => run.Variant))
        {
            var latencies = new LatencyHistogram();
            foreach (var run in variant)
                latencies.Add(run.Latencies);
            table.Add(
                variant.Key.Name,
                Number(Median(variant)),
                $"{Number(variant.Min(run => run.PerSecond))}–{Number(variant.Max(run => run.PerSecond))}",
                Milliseconds(latencies, 0.5),
                Milliseconds(latencies, 0.95),
                Milliseconds(latencies, 0.99),
                Megabytes(variant.Max(run => run.PeakMemory)),
                Number(variant.Sum(run => run.Answered)),
                Number(variant.Sum(run => run.Spooled)),
                Number(variant.Sum(run => run.Rows)),
                Number(variant.Sum(run => run.Errors)));
        }

        report.Append(table).AppendLine();
    }

    private static void AddCores(StringBuilder report, IReadOnlyList<RunResult> runs)
    {
        var table = new MarkdownTable("processor time, µs per callback", "variant", "PostgreSQL", "load generator");
        foreach (var variant in runs.GroupBy(run => run.Variant))
        {
            table.Add(
                variant.Key.Name,
                PerCallback(variant, cores => cores.Variant),
                PerCallback(variant, cores => cores.Postgres),
                PerCallback(variant, cores => cores.Generator));
        }

        report.Append(table).AppendLine();
    }

    private static void AddTargets(StringBuilder report, IngestResult result)
    {
        var table = new MarkdownTable("target", "figure", "wanted", "met");
        AddSpeed(table, result);
        AddRatio(table, result.Ordinary, Variant.Service, Variant.Insert, InsertTarget);
        AddRatio(table, result.Ordinary, Variant.Service, Variant.InsertPrepared, InsertTarget);
        AddRatio(table, result.Ordinary, Variant.Service, Variant.Ef, EfTarget);
        AddRatio(table, result.Ordinary, Variant.Filled, Variant.Service, FilledTarget);
        AddAtLeast(table, "callbacks/s of two hours", result.TwoHours.PerSecond, TwoHoursTarget);
        AddMemory(table, "peak memory, ordinary bodies", result.Ordinary.Where(run => run.Variant.IsService).Max(run => run.PeakMemory), OrdinaryMemoryTarget);
        AddMemory(
            table,
            Line($"peak memory, large bodies ({result.Large.Answered} answered, {result.Large.Spooled} spooled, {result.Large.Errors} errors)"),
            result.Large.PeakMemory,
            LargeMemoryTarget);
        report.Append(table).AppendLine();
    }

    /// <summary>Ten thousand a second, or twice what PostgreSQL does by itself on a machine that is slower than that.</summary>
    private static void AddSpeed(MarkdownTable table, IngestResult result)
    {
        if (RunsOf(result.Ordinary, Variant.Service) is not { Count: > 0 } ours)
            return;
        var pgbench = RunsOf(result.Ordinary, Variant.Pgbench);
        AddAtLeast(table, "callbacks/s", Median(ours), pgbench.Count == 0 ? PerSecondTarget : Math.Min(PerSecondTarget, PgbenchTarget * Median(pgbench)));
        AddRatio(table, result.Ordinary, Variant.Service, Variant.Pgbench, wanted: null);
        var latencies = new LatencyHistogram();
        ours.ForEach(run => latencies.Add(run.Latencies));
        var patience = latencies.Percentile(0.99).TotalMilliseconds;
        table.Add("p99, ms", Line($"{patience:N1}"), Line($"< {PatienceTarget:N0}"), Met(patience < PatienceTarget));
    }

    private static void AddAtLeast(MarkdownTable table, string name, double figure, double wanted) =>
        table.Add(name, Number(figure), Line($"≥ {wanted:N0}"), Met(figure >= wanted));

    private static void AddRatio(MarkdownTable table, IReadOnlyList<RunResult> runs, Variant ours, Variant theirs, double? wanted)
    {
        if (RunsOf(runs, ours) is not { Count: > 0 } upper || RunsOf(runs, theirs) is not { Count: > 0 } lower)
            return;
        var ratio = Median(upper) / Median(lower);
        table.Add($"`{ours.Name}` / `{theirs.Name}`", Ratio(ratio), wanted is { } least ? Line($"≥ {least:0.##}") : "", wanted is { } target ? Met(ratio >= target) : "");
    }

    private static void AddMemory(MarkdownTable table, string name, long? bytes, double wanted)
    {
        if (bytes is { } peak)
            table.Add(name, $"{Megabytes(peak)} MB", Line($"< {wanted:N0} MB"), Met(peak / 1e6 < wanted));
    }

    private static void AddWrongs(StringBuilder report, IngestResult result)
    {
        var wrongs = result.Runs.Where(run => !run.IsRight).ToList();
        if (wrongs.Count == 0)
            report.AppendLine("After every run the tables held each answered callback exactly once, with its bytes, and nothing else.");
        foreach (var run in wrongs)
            report.AppendLine($"WRONG, `{run.Variant.Name}`: {string.Join("; ", run.Wrongs)}");
    }

    private static List<RunResult> RunsOf(IReadOnlyList<RunResult> runs, Variant variant) => [.. runs.Where(run => run.Variant == variant)];

    public static double Median(IEnumerable<RunResult> runs)
    {
        var sorted = runs.Select(run => run.PerSecond).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static string PerCallback(IEnumerable<RunResult> runs, Func<CoresBusy, double?> cores) =>
        runs.Average(run => 1e6 * cores(run.Cores) / run.PerSecond) is { } microseconds ? Number(microseconds) : "?";

    private static string Milliseconds(LatencyHistogram latencies, double fraction) =>
        latencies.IsEmpty ? "" : Figures.Milliseconds(latencies.Percentile(fraction));
}
