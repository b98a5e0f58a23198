using System.Text;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;
using static CallbackReceiver.Benchmarks.Reports.Figures;

namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>The figures, as Markdown.</summary>
internal static class EndToEndReport
{
    public static string Write(EndToEndPlan plan, MachineFacts machine, PostgresFacts postgres, EndToEndResult result, IReadOnlyList<BaselineResult> baselines)
    {
        var report = new StringBuilder();
        report.AppendLine(machine.ToString());
        report.AppendLine(postgres.ToString());
        var pace = plan.PerSecond is { } rate ? Line($"{rate:N0} a second") : "as many as were answered";
        report.AppendLine(Line($"{plan.Callbacks:N0} callbacks of up to {EndToEndPlan.BodyLength:N0} bytes, half of the calls in Chinese and half in English, {pace}, over {EndToEndPlan.Connections} connections; {plan.Meetings:N0} meetings were there before. The baselines begin with empty tables."));
        report.AppendLine();
        AddCosts(report, plan, result, baselines);
        AddDelays(report, result);
        report.AppendLine(Line($"The last callback was found {(result.Searchable - result.Sending).TotalSeconds:N1} s after all were answered, and all were told after {(result.Told - result.Sending).TotalSeconds:N1} s. The service took {Megabytes(result.PeakMemory)} MB at most."));
        if (result.Spooled > 0)
            report.AppendLine(Line($"{result.Spooled:N0} callbacks were answered from the spool, because PostgreSQL did not answer in time."));
        foreach (var missing in baselines.Where(baseline => baseline.PerSecond is null))
            report.AppendLine($"Not measured, since the server does not offer it: {missing.Name}.");
        report.AppendLine(result.IsRight
            ? "All callbacks were in the ledger and among the meetings, and each was told once."
            : Line($"WRONG: of {result.Calls + result.Probes:N0} callbacks {result.Stored:N0} were stored; of {result.Calls:N0} that are counted {result.ToldCalls:N0} were told, {result.RepeatedEvents:N0} of them again."));
        return report.ToString();
    }

    private static void AddCosts(StringBuilder report, EndToEndPlan plan, EndToEndResult result, IReadOnlyList<BaselineResult> baselines)
    {
        var table = new MarkdownTable("", "received/s", "searchable/s", "WAL bytes", "of these while received", "bytes on the disk", "PostgreSQL, CPU µs", "service, CPU µs");
        var spent = result.Receiving + result.Following;
        table.Add("the service", Number(plan.Callbacks / result.Sending.TotalSeconds), Number(plan.Callbacks / result.Searchable.TotalSeconds),
            Each(spent.WalBytes), Each(result.Receiving.WalBytes), Each(result.Bytes), Each(spent.Postgres?.TotalMicroseconds), Each(spent.Service?.TotalMicroseconds));
        foreach (var baseline in baselines.Where(baseline => baseline.PerSecond is not null))
        {
            table.Add(baseline.Name, Number(baseline.PerSecond), Number(baseline.PerSecond), Each(baseline.Spent.WalBytes), Each(baseline.Spent.WalBytes),
                Each(baseline.Bytes), Each(baseline.Spent.Postgres?.TotalMicroseconds), "");
        }

        report.Append(table).AppendLine();

        string Each(double? all) => Number(all / plan.Callbacks);
    }

    private static void AddDelays(StringBuilder report, EndToEndResult result)
    {
        var table = new MarkdownTable("from the answer to a callback until it is", "p50, ms", "p99, ms", "at most, ms");
        Add("found by a search, one a second", result.Found);
        Add("told to a listener, all", result.Announced);
        report.Append(table).AppendLine();

        void Add(string name, LatencyHistogram delays) =>
            table.Add(name, Milliseconds(delays.Percentile(0.5)), Milliseconds(delays.Percentile(0.99)), Milliseconds(delays.Percentile(1)));
    }
}
