using System.CommandLine;
using System.Globalization;
using CallbackReceiver.Benchmarks.Query.Data;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>Measures how fast the query API answers over many meetings.</summary>
internal static class QueryCommand
{
    private const int WrongAnswers = 1;

    public static Command Create()
    {
        var meetings = new Option<int>("--meetings") { Description = "How many meetings are made, in three workspaces.", DefaultValueFactory = _ => DataPlan.DefaultMeetings };
        meetings.Validators.Add(result =>
        {
            if (result.GetValue(meetings) < 1)
                result.AddError("--meetings: give at least 1.");
        });
        var seed = new Option<int>("--seed") { Description = "The same seed makes the same meetings.", DefaultValueFactory = _ => DataPlan.DefaultSeed };
        var connection = new Option<string?>("--fill-only") { Description = "Only fills the empty database of this connection string." };
        var requests = new Option<int>("--requests") { Description = "How many requests of each kind are measured.", DefaultValueFactory = _ => 300 };
        var only = new Option<string?>("--only") { Description = "Only the cases whose name holds this, such as `search` or `文件`; no exports." };
        var markdown = new Option<FileInfo?>("--markdown") { Description = "Writes the report to this file as well." };
        var command = new Command("query", "Latencies of the query API over many meetings, beside sequential scans; each answer's count is checked.")
        {
            meetings, seed, requests, only, markdown, connection,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var plan = new DataPlan(arguments.GetValue(meetings), arguments.GetValue(seed));
            return arguments.GetValue(connection) is { } database
                ? await FillAsync(plan, database, cancellationToken)
                : await RunAsync(plan, arguments.GetValue(requests), arguments.GetValue(only), arguments.GetValue(markdown), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        DataPlan plan, int requests, string? only, FileInfo? markdown, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken);
        var facts = await postgres.ReadFactsAsync(cancellationToken);
        var result = await new QueryRun(postgres, plan, requests, only).RunAsync(cancellationToken);
        var report = QueryReport.Write(plan, MachineFacts.Read(), facts, result);
        Console.WriteLine(report);
        if (markdown is not null)
            await File.WriteAllTextAsync(markdown.FullName, report, cancellationToken);
        return result.IsRight ? 0 : WrongAnswers;
    }

    private static async Task<int> FillAsync(DataPlan plan, string connectionString, CancellationToken cancellationToken)
    {
        var result = await new DataFill(plan, connectionString).RunAsync(cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Meetings:N0} meetings: {result.Copied.TotalSeconds:N1} s, with VACUUM and ANALYZE {result.Elapsed.TotalSeconds:N1} s"));
        foreach (var table in result.Tables)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {table.Rows:N0} rows, {table.Heap / 1e6:N0} MB, indexes {table.Indexes / 1e6:N0} MB"));
        return 0;
    }
}
