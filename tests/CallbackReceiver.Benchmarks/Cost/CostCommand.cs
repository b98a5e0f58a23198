using System.CommandLine;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Cost;

/// <summary>Measures what a callback costs in processor time and log, and a stored meeting on the disk.</summary>
internal static class CostCommand
{
    private const int WrongRows = 1;

    public static Command Create()
    {
        var callbacks = CountOption.Create("--callbacks", "How many callbacks are sent.", CostPlan.DefaultCallbacks, atLeast: 1);
        var meetings = CountOption.Create("--meetings", "How many meetings are in the tables before, in three workspaces.", 0, atLeast: 0);
        var markdown = new Option<FileInfo?>("--markdown") { Description = "Writes the report to this file as well." };
        var command = new Command("cost", "Processor time, WAL and disk space of a callback: what to size a machine by.") { callbacks, meetings, markdown };
        command.SetAction(async (arguments, cancellationToken) =>
            await RunAsync(new CostPlan(arguments.GetValue(callbacks), arguments.GetValue(meetings)), arguments.GetValue(markdown), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CostPlan plan, FileInfo? markdown, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken);
        var facts = await postgres.ReadFactsAsync(cancellationToken);
        if (!facts.IsDurable)
            throw new InvalidOperationException("fsync, synchronous_commit and full_page_writes must be on: figures without them are of another promise.");
        var result = await new CostRun(postgres, facts, plan).RunAsync(cancellationToken);
        var report = CostReport.Write(plan, MachineFacts.Read(), facts, result);
        Console.WriteLine(report);
        if (markdown is not null)
            await File.WriteAllTextAsync(markdown.FullName, report, cancellationToken);
        return result.IsRight ? 0 : WrongRows;
    }
}
