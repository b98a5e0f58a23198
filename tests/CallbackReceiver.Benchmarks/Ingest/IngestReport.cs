using System.Text;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;
using static CallbackReceiver.Benchmarks.Reports.Figures;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>The figures, as Markdown.</summary>
internal static class IngestReport
{
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
        report.AppendLine(Line($"Large: {large.Connections} connections, bodies of {large.BodyLength:N0} bytes, {large.Duration.TotalSeconds:N0} s."));
        report.AppendLine();
        foreach (var variant in Variant.All)
            report.AppendLine($"- `{variant.Name}`: {variant.Description}");
        report.AppendLine();
    }

    private static void AddRounds(StringBuilder report, IReadOnlyList<RunResult> runs)
    {
        var table = new MarkdownTable("variant", "callbacks/s", "range", "p50 ms", "p95 ms", "p99 ms", "peak memory MB", "answered", "rows", "errors");
        foreach (var variant in runs.GroupBy(run => run.Variant))
        {
            var latencies = new LatencyHistogram();
            foreach (var run in variant)
                latencies.Add(run.Load.Latencies);
            table.Add(
                variant.Key.Name,
                Number(Median(variant)),
                $"{Number(variant.Min(run => run.Load.PerSecond))}–{Number(variant.Max(run => run.Load.PerSecond))}",
                Milliseconds(latencies, 0.5),
                Milliseconds(latencies, 0.95),
                Milliseconds(latencies, 0.99),
                Megabytes(variant.Max(run => run.PeakMemory)),
                Number(variant.Sum(run => run.Load.Stored.Count)),
                Number(variant.Sum(run => run.Table.Deliveries)),
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
        AddRatio(table, result.Ordinary, Variant.Insert, InsertTarget);
        AddRatio(table, result.Ordinary, Variant.InsertPrepared, InsertTarget);
        AddRatio(table, result.Ordinary, Variant.Ef, EfTarget);
        AddMemory(table, "peak memory, ordinary bodies", result.Ordinary.Where(run => !run.Variant.IsBaseline).Max(run => run.PeakMemory), OrdinaryMemoryTarget);
        AddMemory(
            table,
            Line($"peak memory, large bodies ({result.Large.Load.Stored.Count} answered, {result.Large.Errors} errors)"),
            result.Large.PeakMemory,
            LargeMemoryTarget);
        report.Append(table).AppendLine();
    }

    private static void AddRatio(MarkdownTable table, IReadOnlyList<RunResult> runs, Variant baseline, double wanted)
    {
        var (ours, theirs) = (runs.Where(run => !run.Variant.IsBaseline).ToList(), runs.Where(run => run.Variant == baseline).ToList());
        if (ours.Count == 0 || theirs.Count == 0)
            return;
        var ratio = Median(ours) / Median(theirs);
        table.Add($"`service` / `{baseline.Name}`", Ratio(ratio), Line($"≥ {wanted:N1}"), Met(ratio >= wanted));
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

    private static double Median(IEnumerable<RunResult> runs)
    {
        var sorted = runs.Select(run => run.Load.PerSecond).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static string PerCallback(IEnumerable<RunResult> runs, Func<CoresBusy, double?> cores) =>
        runs.Average(run => 1e6 * cores(run.Cores) / run.Load.PerSecond) is { } microseconds ? Number(microseconds) : "?";

    private static string Milliseconds(LatencyHistogram latencies, double fraction) => Figures.Milliseconds(latencies.Percentile(fraction));
}
