using CallbackReceiver.Benchmarks.Reports;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>Callbacks a second, a bar a variant.</summary>
internal static class IngestChart
{
    public static string Draw(IngestPlan plan, IngestResult result) => Charts.Bars(
        Figures.Line($"Callbacks stored a second, {plan.Ordinary.BodyLength:N0} bytes each, {plan.Ordinary.Connections} connections"),
        [.. result.Ordinary.GroupBy(run => run.Variant).Select(runs => (runs.Key.Name, IngestReport.Median(runs)))]);
}
