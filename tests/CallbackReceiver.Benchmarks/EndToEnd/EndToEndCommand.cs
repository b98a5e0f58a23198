using System.CommandLine;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>Measures the whole way of a callback: received, found by a search, told to listeners.</summary>
internal static class EndToEndCommand
{
    private const int WrongRows = 1;

    public static Command Create()
    {
        var callbacks = CountOption.Create("--callbacks", "How many callbacks are sent.", EndToEndPlan.DefaultCallbacks, atLeast: 1);
        var rate = CountOption.Create("--rate", "How many a second; 0 for as many as are answered.", 0, atLeast: 0);
        var meetings = CountOption.Create("--meetings", "How many meetings are in the tables before.", 0, atLeast: 0);
        var alone = new Option<bool>("--without-baselines") { Description = "Measures the service alone." };
        var markdown = new Option<FileInfo?>("--markdown") { Description = "Writes the report to this file as well." };
        var command = new Command("endtoend", "From the wire to the answer of a search and to listeners: how many a second, how late, and at what cost.") { callbacks, rate, meetings, alone, markdown };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var perSecond = arguments.GetValue(rate) is > 0 and var given ? given : (double?)null;
            var plan = new EndToEndPlan(arguments.GetValue(callbacks), perSecond, arguments.GetValue(meetings), !arguments.GetValue(alone));
            return await RunAsync(plan, arguments.GetValue(markdown), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(EndToEndPlan plan, FileInfo? markdown, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken, EndToEndPlan.ServerSettings);
        var facts = await postgres.ReadFactsAsync(cancellationToken);
        if (!facts.IsDurable)
            throw new InvalidOperationException("fsync, synchronous_commit and full_page_writes must be on: figures without them are of another promise.");
        var calls = MadeCalls.Make(VariantProcess.WorkspaceId, plan.Callbacks);
        var baselines = new List<BaselineResult>();
        foreach (var tables in plan.WithBaselines ? PlainTables.All : [])
            baselines.Add(await new BaselineRun(postgres, facts, tables).RunAsync(calls, cancellationToken));
        var result = await new EndToEndRun(postgres, facts, plan).RunAsync(calls, cancellationToken);
        var report = EndToEndReport.Write(plan, MachineFacts.Read(), facts, result, baselines);
        Console.WriteLine(report);
        if (markdown is not null)
            await File.WriteAllTextAsync(markdown.FullName, report, cancellationToken);
        return result.IsRight ? 0 : WrongRows;
    }
}
