using System.Text;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;
using static CallbackReceiver.Benchmarks.Reports.Figures;

namespace CallbackReceiver.Benchmarks.Cost;

/// <summary>The figures, as Markdown.</summary>
internal static class CostReport
{
    private const double Million = 1e6;

    public static string Write(CostPlan plan, MachineFacts machine, PostgresFacts postgres, CostResult result)
    {
        var report = new StringBuilder();
        report.AppendLine(machine.ToString());
        report.AppendLine(postgres.ToString());
        report.AppendLine(Line($"{plan.Callbacks:N0} callbacks of calls in Chinese, {(double)result.BodyBytes / plan.Callbacks:N0} bytes each on average, over {CostPlan.Connections} connections in {result.Sending.TotalSeconds:N0} s; {plan.Meetings:N0} meetings were there before."));
        report.AppendLine();
        AddSpending(report, plan, result);
        AddSizes(report, plan, result);
        AddSizing(report, plan, result);
        report.AppendLine(result.IsRight
            ? "All callbacks were in the ledger with their bytes, among the meetings, and searchable."
            : Line($"WRONG: {result.Stored:N0} were stored and {result.Searchable:N0} searchable."));
        return report.ToString();
    }

    private static void AddSpending(StringBuilder report, CostPlan plan, CostResult result)
    {
        var table = new MarkdownTable("per callback", "service, CPU µs", "PostgreSQL, CPU µs", "WAL bytes");
        Add("while they came", result.Receiving);
        Add("afterwards, until all was searchable", result.Following);
        Add("together", result.Receiving + result.Following);
        report.Append(table).AppendLine();

        void Add(string name, Spending spent) => table.Add(
            name, Number(spent.Service?.TotalMicroseconds / plan.Callbacks), Number(spent.Postgres?.TotalMicroseconds / plan.Callbacks), Number((double)spent.WalBytes / plan.Callbacks));
    }

    private static void AddSizes(StringBuilder report, CostPlan plan, CostResult result)
    {
        var table = new MarkdownTable("on the disk", "bytes per meeting");
        foreach (var relation in result.Relations.Where(relation => relation.Bytes / plan.Callbacks > 0))
            table.Add(relation.Index is { } index ? $"index `{index}`" : $"`{relation.Table}`", Number((double)relation.Bytes / plan.Callbacks));
        table.Add("all tables and indexes", Number((double)result.Relations.Sum(relation => relation.Bytes) / plan.Callbacks));
        report.Append(table).AppendLine();
    }

    private static void AddSizing(StringBuilder report, CostPlan plan, CostResult result)
    {
        var perCallback = (result.Receiving + result.Following) is { Service: { } service, Postgres: { } database } ? (service + database).TotalMicroseconds / plan.Callbacks : (double?)null;
        var all = (double)result.Relations.Sum(relation => relation.Bytes) / plan.Callbacks;
        var bodies = (double)result.Relations.Where(relation => relation is { Table: "deliveries", Index: null }).Sum(relation => relation.Bytes) / plan.Callbacks;
        var table = new MarkdownTable("what follows", "figure");
        table.Add("callbacks a second that a core carries, service and PostgreSQL together", Number(Million / perCallback));
        table.Add("GB a million meetings", Ratio(all * Million / 1e9));
        table.Add("GB of them in the ledger's rows, nearly all of it the bodies that `Retention:RawBodies` clears", Ratio(bodies * Million / 1e9));
        table.Add("GB a million callbacks put into the WAL, which each standby is sent", Ratio((result.Receiving + result.Following).WalBytes / (double)plan.Callbacks * Million / 1e9));
        report.Append(table).AppendLine();
    }
}
