using System.CommandLine;
using CallbackReceiver.Benchmarks.Query.Data;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

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
        var connection = new Option<string?>("--database") { Description = "Asks the database of this connection string, which is made if it is not there, filled if it is empty, and stays for the next run." };
        connection.Validators.Add(result =>
        {
            if (DatabaseOf(result.GetValue(connection)) is null)
                result.AddError("--database: give a connection string with `Database=`.");
        });
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
            await using var postgres = arguments.GetValue(connection) is { } existing ? PostgresServer.Of(existing) : await PostgresServer.StartAsync(cancellationToken);
            await using var database = arguments.GetValue(connection) is { } filled ? await BenchmarkDatabase.KeepAsync(filled, cancellationToken) : await postgres.CreateDatabaseAsync(cancellationToken);
            var facts = await postgres.ReadFactsAsync(cancellationToken);
            var result = await new QueryRun(database, plan, arguments.GetValue(requests), arguments.GetValue(only)).RunAsync(cancellationToken);
            await WriteAsync(QueryReport.Write(plan, MachineFacts.Read(), facts, result), arguments.GetValue(markdown), cancellationToken);
            return result.IsRight ? 0 : WrongAnswers;
        });
        return command;
    }

    /// <returns>Null where there is none, and where the text is no connection string.</returns>
    private static string? DatabaseOf(string? connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).Database;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static async Task WriteAsync(string report, FileInfo? markdown, CancellationToken cancellationToken)
    {
        Console.WriteLine(report);
        if (markdown is not null)
            await File.WriteAllTextAsync(markdown.FullName, report, cancellationToken);
    }
}
