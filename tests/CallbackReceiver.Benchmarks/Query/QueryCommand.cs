using System.CommandLine;
using System.Globalization;
using CallbackReceiver.Benchmarks.Query.Data;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>Measures how fast the query API answers over many meetings.</summary>
internal static class QueryCommand
{
    public static Command Create()
    {
        var meetings = new Option<int>("--meetings") { Description = "How many meetings are made, in three workspaces.", DefaultValueFactory = _ => DataPlan.DefaultMeetings };
        var seed = new Option<int>("--seed") { Description = "The same seed makes the same meetings.", DefaultValueFactory = _ => DataPlan.DefaultSeed };
        var connection = new Option<string?>("--fill-only") { Description = "Only fills the empty database of this connection string." };
        var command = new Command("query", "Latencies of the query API over many meetings, beside sequential scans.") { meetings, seed, connection };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var plan = new DataPlan(arguments.GetValue(meetings), arguments.GetValue(seed));
            if (arguments.GetValue(connection) is { } database)
                await FillAsync(plan, database, cancellationToken);
        });
        return command;
    }

    private static async Task FillAsync(DataPlan plan, string connectionString, CancellationToken cancellationToken)
    {
        var result = await new DataFill(plan, connectionString).RunAsync(cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Meetings:N0} meetings: {result.Copied.TotalSeconds:N1} s, with VACUUM and ANALYZE {result.Elapsed.TotalSeconds:N1} s"));
        foreach (var table in result.Tables)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {table.Rows:N0} rows, {table.Heap / 1e6:N0} MB, indexes {table.Indexes / 1e6:N0} MB"));
    }
}
