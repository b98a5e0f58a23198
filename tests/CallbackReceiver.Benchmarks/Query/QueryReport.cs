using System.Text;
using CallbackReceiver.Benchmarks.Query.Data;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;
using static CallbackReceiver.Benchmarks.Reports.Figures;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>The figures, as Markdown.</summary>
internal static class QueryReport
{
    private const double MemoryGrowthTarget = 100; // in millions of bytes

    public static string Write(DataPlan plan, MachineFacts machine, PostgresFacts postgres, QueryResult result)
    {
        var report = new StringBuilder();
        AddFacts(report, plan, machine, postgres, result);
        AddTables(report, result.Tables);
        AddCases(report, result.Cases);
        if (result.Exports.Count > 0)
            AddExports(report, result.Exports);
        AddWrongs(report, result);
        return report.ToString();
    }

    private static void AddFacts(StringBuilder report, DataPlan plan, MachineFacts machine, PostgresFacts postgres, QueryResult result)
    {
        report.AppendLine(machine.ToString());
        report.AppendLine(postgres.ToString());
        report.AppendLine(Line($"{plan.Meetings:N0} meetings over a year in three workspaces ({string.Join(", ", DataPlan.Workspaces.Select(workspace => Line($"`{workspace.Id}` {workspace.Share:P0}")))}), 20 segments on average and up to 300, seed {plan.Seed}, the ledger's rows without bodies: {(result.Fill is { } fill ? Line($"made in {fill.TotalSeconds:N0} s") : "made by an earlier run")}."));
        if (result is { Fill: not null, Search.Elapsed: { } elapsed })
            report.AppendLine(Line($"The service made them searchable in {elapsed.TotalSeconds:N0} s: {plan.Meetings / elapsed.TotalSeconds:N0} a second."));
        report.AppendLine("One connection, one request after the other, the answer read to its end; pages of 50. A sequential scan is the same question as a plain count over Npgsql, with no index, once.");
        report.AppendLine();
    }

    private static void AddTables(StringBuilder report, IReadOnlyList<TableSize> sizes)
    {
        var table = new MarkdownTable("table", "rows", "MB", "indexes MB");
        foreach (var size in sizes)
            table.Add(size.Name, Number(size.Rows), Megabytes(size.Heap), Megabytes(size.Indexes));
        report.Append(table).AppendLine();
    }

    private static void AddCases(StringBuilder report, IReadOnlyList<CaseResult> results)
    {
        var table = new MarkdownTable("request", "found", "requests", "p50 ms", "p95 ms", "wanted", "met", "sequential scan ms", "scan / p50");
        foreach (var result in results)
        {
            var (half, most) = (result.Latencies.Percentile(0.5), result.Latencies.Percentile(0.95));
            var hasFigures = result.Error is null && result.Requests > 0;
            table.Add(
                result.Name,
                Found(result.Error, result.Found, result.Expected),
                Number(result.Requests),
                hasFigures ? Milliseconds(half) : "",
                hasFigures ? Milliseconds(most) : "",
                result.Target is { } target ? Line($"≤ {target:N0}") : "",
                result.Target is { } limit ? Met(hasFigures && most.TotalMilliseconds <= limit) : "",
                Milliseconds(result.Scan),
                hasFigures && result.Scan is { } slow ? Line($"{slow / half:N1}") : "");
        }

        report.Append(table).AppendLine();
    }

    private static void AddExports(StringBuilder report, IReadOnlyList<ExportResult> results)
    {
        var table = new MarkdownTable("export", "meetings", "meetings/s", "wanted", "met", "plain read/s", "ratio", "memory before MB", "growth MB", "wanted", "met");
        foreach (var result in results)
        {
            var growth = (result.Peak - result.Before) / 1e6;
            table.Add(
                result.Name,
                Found(result.Error, result.Meetings, result.Expected),
                Number(result.PerSecond),
                result.Wanted is { } wanted ? Line($"≥ {wanted:N0}") : "",
                result.Wanted is { } least ? Met(result.PerSecond >= least) : "",
                Number(result.ScanPerSecond),
                Ratio(result.PerSecond / result.ScanPerSecond),
                Megabytes(result.Before),
                Number(growth),
                Line($"< {MemoryGrowthTarget:N0}"),
                Met(growth < MemoryGrowthTarget && result.Error is null));
        }

        report.Append(table).AppendLine();
    }

    private static void AddWrongs(StringBuilder report, QueryResult result)
    {
        if (result.IsRight)
            report.AppendLine("Every answer held as many meetings as the sequential scan counted; lists were read to their last page.");
        if (result.Search.Left > 0)
            report.AppendLine(Line($"WRONG: {result.Search.Left:N0} meetings never became searchable."));
        foreach (var wrong in result.Cases.Where(wrong => !wrong.IsRight))
            report.AppendLine(Wrong(wrong.Name, wrong.Error, wrong.Found, wrong.Expected));
        foreach (var wrong in result.Exports.Where(wrong => !wrong.IsRight))
            report.AppendLine(Wrong(wrong.Name, wrong.Error, wrong.Meetings, wrong.Expected));
    }

    private static string Wrong(string name, string? error, long? found, long? expected) =>
        error is not null ? $"ERROR, {name}: {error}" : Line($"WRONG, {name}: found {found:N0}, the scan {expected:N0}.");

    private static string Found(string? error, long? found, long? expected) =>
        error is not null ? "error" : found == expected ? Number(found) : Line($"WRONG: {found:N0} of {expected:N0}");
}
