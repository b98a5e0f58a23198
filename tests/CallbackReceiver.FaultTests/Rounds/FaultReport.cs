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
        var table = new MarkdownTable("fault", "rounds", "sent", "200, or quarantined", "spooled", "503", "no answer", "kept without 2xx", "p99 s", "slowest s", "failed");
        foreach (var fault in results.GroupBy(result => result.Round.Fault.Name).OrderBy(fault => fault.Key, StringComparer.Ordinal))
            Add(table, fault.Key, [.. fault]);
        Add(table, "all", results);
        report.Append(table).AppendLine();
        report.AppendLine(Line($"Answers: {string.Join(", ", Enum.GetValues<ReplyKind>().Select(kind => $"{Number(results.Sum(result => result.Count(kind)))} {NameOf(kind)}"))}."));
        report.AppendLine();
        report.AppendLine(Conclusion([.. results.Where(result => result.IsPassed)]));
        foreach (var failed in results.Where(result => !result.IsPassed))
            report.AppendLine(Line($"FAILED: round {failed.Round.Number}, {failed.Round.Fault.Name}, seed {failed.Round.Seed}: {failed.Wrongs[0]}"));
        return report.ToString();
    }

    private static void Add(MarkdownTable table, string name, IReadOnlyList<RoundResult> results)
    {
        var times = results.SelectMany(result => result.AnswerTimes).Order().ToList();
        table.Add(
            name,
            Number(results.Count),
            Number(results.Sum(result => result.Replies.Values.Sum())),
            Sum(results, ReplyKind.Stored, ReplyKind.Duplicate, ReplyKind.Ignored, ReplyKind.Quarantined),
            Sum(results, ReplyKind.Spooled),
            Sum(results, ReplyKind.Refused),
            Sum(results, ReplyKind.Broken, ReplyKind.NotConnected),
            Number(results.Sum(result => result.KeptWithoutAnswer)),
            Seconds(times, 0.99),
            Seconds(times, 1),
            Number(results.Count(result => !result.IsPassed)));
    }

    private static string Conclusion(IReadOnlyList<RoundResult> passed) => Line(
        $"""
        After each of the {passed.Count:N0} rounds that passed, everything back and the spool empty: each delivery that was answered 2xx ({passed.Sum(result => result.Acknowledged):N0} together) was in the ledger exactly once with its bytes; no meeting had a gap in its revisions, or showed another analysis than the newest; each analysis had its event, and each meeting was searched and counted by its newest; what was kept without a 2xx ({passed.Sum(result => result.KeptWithoutAnswer):N0}, of which {passed.Sum(result => result.KeptThoughRefused):N0} were answered 503) was kept whole. Every meeting could be listed and exported. Bodies sent again that the ledger counts once too often: {passed.Sum(result => result.Overcounted):N0}. Longest time from SIGTERM to the end: {passed.Select(result => result.SlowestStop.TotalSeconds).DefaultIfEmpty().Max():N1} s.
        """);

    private static string NameOf(ReplyKind kind) => kind switch
    {
        ReplyKind.Refused => "503",
        ReplyKind.NotConnected => "not connected",
        ReplyKind.Broken => "connections broken before the answer",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string Sum(IReadOnlyList<RoundResult> results, params ReplyKind[] kinds) => Number(results.Sum(result => kinds.Sum(result.Count)));

    private static string Seconds(List<TimeSpan> sorted, double fraction) =>
        sorted.Count == 0 ? "" : Line($"{sorted[(int)Math.Ceiling(fraction * sorted.Count) - 1].TotalSeconds:N1}");

    private static string Number(int number) => Line($"{number:N0}");

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
