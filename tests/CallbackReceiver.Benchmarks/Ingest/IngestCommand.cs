using System.CommandLine;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>Measures how many callbacks a second are stored, and checks that all of them are.</summary>
internal static class IngestCommand
{
    private const int WrongRows = 1;

    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "Runs of 3 seconds: shows that all works; the figures are rough." };
        var seconds = new Option<int?>("--seconds") { Description = "Measured seconds of each run (20)." };
        var rounds = new Option<int>("--rounds") { Description = "How often each variant runs.", DefaultValueFactory = _ => IngestPlan.DefaultRounds };
        var variants = new Option<string[]>("--variants") { Description = "Only these.", AllowMultipleArgumentsPerToken = true };
        variants.AcceptOnlyFromAmong([.. Variant.All.Select(variant => variant.Name)]);
        var filled = new Option<int?>("--filled") { Description = $"How many meetings the tables of '{Variant.Filled.Name}' hold ({IngestPlan.DefaultFilledMeetings})." };
        var markdown = new Option<FileInfo?>("--markdown") { Description = "Writes the report to this file as well." };
        var chart = new Option<FileInfo?>("--chart") { Description = "Draws the callbacks a second into this SVG file." };
        var command = new Command("ingest", "Callbacks a second, latency and peak memory of the service and of baselines, side by side.")
        {
            quick, seconds, rounds, variants, filled, markdown, chart,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var plan = IngestPlan.Create(arguments.GetValue(quick), arguments.GetValue(seconds), arguments.GetValue(rounds), arguments.GetValue(filled), arguments.GetValue(variants) ?? []);
            return await RunAsync(plan, arguments.GetValue(markdown), arguments.GetValue(chart), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(IngestPlan plan, FileInfo? markdown, FileInfo? chart, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken);
        var facts = await postgres.ReadFactsAsync(cancellationToken);
        if (!facts.IsDurable)
            throw new InvalidOperationException("fsync, synchronous_commit and full_page_writes must be on: figures without them are of another promise.");
        var result = await new IngestRun(postgres, facts, plan).RunAsync(cancellationToken);
        var report = IngestReport.Write(plan, MachineFacts.Read(), facts, result);
        Console.WriteLine(report);
        if (markdown is not null)
            await File.WriteAllTextAsync(markdown.FullName, report, cancellationToken);
        if (chart is not null)
            await File.WriteAllTextAsync(chart.FullName, IngestChart.Draw(plan, result), cancellationToken);
        return result.Runs.All(run => run.IsRight) ? 0 : WrongRows;
    }
}
