using System.Text;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;
using static CallbackReceiver.Benchmarks.Reports.Figures;

namespace CallbackReceiver.Benchmarks.Soak;

/// <summary>The figures, as Markdown, and as a chart.</summary>
internal static class SoakReport
{
    public static string Write(SoakPlan plan, MachineFacts machine, PostgresFacts postgres, SoakResult result)
    {
        var report = new StringBuilder();
        report.AppendLine(machine.ToString());
        report.AppendLine(postgres.ToString());
        report.AppendLine(Line($"{plan.Shape.PerSecond:N0} callbacks a second of {plan.Shape.BodyLength:N0} bytes over {plan.Shape.Connections} connections, latency counted from when each was due; one reader with {1 / SoakPlan.ReaderPause.TotalSeconds:N0} requests a second at most."));
        report.AppendLine();
        AddSamples(report, result);
        AddTrend(report, result);
        report.AppendLine(result.IsRight
            ? Line($"All {result.Answered:N0} answered callbacks are there exactly once, and searchable {result.CatchUp.TotalSeconds:N1} s after the last one.")
            : $"WRONG: {string.Join("; ", result.Wrongs)}");
        return report.ToString();
    }

    public static string Draw(SoakResult result) => Charts.Lines(
        "p99 of callbacks, and the service's memory, over time",
        "minutes",
        ("p99, ms", result.Samples.Select(sample => (sample.End.TotalMinutes, sample.Load.Latencies.Percentile(0.99).TotalMilliseconds))),
        ("memory, MB", result.Samples.Select(sample => (sample.End.TotalMinutes, (sample.Memory ?? 0) / 1e6))));

    private static void AddSamples(StringBuilder report, SoakResult result)
    {
        var table = new MarkdownTable("until", "callbacks/s", "p50 ms", "p99 ms", "reads p95 ms", "memory MB", "not searchable yet", "database MB");
        foreach (var sample in result.Samples)
        {
            table.Add(
                sample.End.ToString(@"hh\:mm\:ss", null),
                Number(sample.Load.PerSecond),
                Milliseconds(sample.Load.Latencies.Percentile(0.5)),
                Milliseconds(sample.Load.Latencies.Percentile(0.99)),
                Milliseconds(sample.Reads.Percentile(0.95)),
                Megabytes(sample.Memory),
                Number(sample.Backlog),
                Megabytes(sample.DatabaseBytes));
        }

        report.Append(table).AppendLine();
    }

    /// <summary>The second quarter, by when everything is warm, against the last.</summary>
    private static void AddTrend(StringBuilder report, SoakResult result)
    {
        var quarter = result.Samples.Count / 4;
        if (quarter == 0)
            return;
        var (early, late) = (result.Samples.Skip(quarter).Take(quarter).ToList(), result.Samples.TakeLast(quarter).ToList());
        report.AppendLine(Line($"Last quarter / second quarter: memory {Ratio(late.Average(sample => sample.Memory) / early.Average(sample => sample.Memory))}, p99 {Ratio(late.Average(P99) / early.Average(P99))}."));
    }

    private static double P99(SoakSample sample) => sample.Load.Latencies.Percentile(0.99).TotalMilliseconds;
}
