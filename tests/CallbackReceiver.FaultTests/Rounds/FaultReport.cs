using System.Globalization;
using System.Text;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.FaultTests.Traffic;

namespace CallbackReceiver.FaultTests.Rounds;

/// <summary>The figures, as Markdown.</summary>
internal static class FaultReport
{
    public static string Write(FaultPlan plan, MachineFacts machine, IReadOnlyList<RoundResult> results, TimeSpan duration)
    {
        var report = new StringBuilder();
        report.AppendLine(Line($"{results.Count} rounds in {duration.TotalMinutes:N0} minutes, {plan.Lanes} at once, {plan.PerSecond} callbacks a second each, seed {plan.Seed}; {machine.Cores} cores ({machine.Processor}), {machine.OperatingSystem}, {machine.DotNet}."));
        report.AppendLine();
        var table = new MarkdownTable("fault", "rounds", "stored", "duplicate", "ignored", "quarantined", "spooled", "503", "no answer", "not connected", "kept without 2xx", "slowest answer s", "failed");
        foreach (var fault in results.GroupBy(result => result.Round.Fault.Name).OrderBy(fault => fault.Key, StringComparer.Ordinal))
            Add(table, fault.Key, [.. fault]);
        Add(table, "all", results);
        report.Append(table).AppendLine();
        report.AppendLine(Conclusion(results));
        return report.ToString();
    }

    private static void Add(MarkdownTable table, string name, IReadOnlyList<RoundResult> results) => table.Add(
        name,
        Number(results.Count),
        Sum(results, ReplyKind.Stored),
        Sum(results, ReplyKind.Duplicate),
        Sum(results, ReplyKind.Ignored),
        Sum(results, ReplyKind.Quarantined),
        Sum(results, ReplyKind.Spooled),
        Sum(results, ReplyKind.Refused),
        Sum(results, ReplyKind.Broken),
        Sum(results, ReplyKind.NotConnected),
        Number(results.Sum(result => result.KeptWithoutAnswer)),
        Line($"{results.Select(result => result.SlowestAnswer.TotalSeconds).DefaultIfEmpty().Max():N1}"),
        Number(results.Count(result => !result.IsPassed)));

    private static string Conclusion(IReadOnlyList<RoundResult> results)
    {
        var passed = results.Where(result => result.IsPassed).ToList();
        return Line($"After each of the {passed.Count:N0} rounds that passed: all of its acknowledged deliveries ({passed.Sum(result => result.Acknowledged):N0} together) were in the ledger exactly once with their bytes, no meeting had a gap or another analysis than its newest, and what was stored without a 2xx ({passed.Sum(result => result.KeptWithoutAnswer):N0}, of which {passed.Sum(result => result.KeptThoughRefused):N0} answered 503) was stored whole. Half-written files left by a killed service: {passed.Sum(result => result.Unfinished):N0}. Repeated bodies counted once too often: {passed.Sum(result => result.Overcounted):N0}.");
    }

    private static string Sum(IReadOnlyList<RoundResult> results, ReplyKind kind) => Number(results.Sum(result => result.Count(kind)));

    private static string Number(int number) => Line($"{number:N0}");

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
