using System.CommandLine;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Soak;

/// <summary>Runs the service for long at a steady rate, with readers, and shows whether anything grows that should not.</summary>
internal static class SoakCommand
{
    private const int Wrong = 1;

    public static Command Create()
    {
        var minutes = new Option<double>("--minutes") { Description = "How long.", DefaultValueFactory = _ => 10 };
        var rate = new Option<double>("--rate") { Description = "Callbacks a second.", DefaultValueFactory = _ => 1000 };
        var sample = new Option<double>("--sample") { Description = "Seconds of each row of the table.", DefaultValueFactory = _ => 30 };
        var markdown = new Option<FileInfo?>("--markdown") { Description = "Writes the report to this file as well." };
        var chart = new Option<FileInfo?>("--chart") { Description = "Draws latency and memory over time into this SVG file." };
        foreach (var positive in new[] { minutes, rate, sample })
        {
            positive.Validators.Add(result =>
            {
                if (result.GetValue(positive) is not (> 0 and < 1e6))
                    result.AddError($"{positive.Name}: give more than 0.");
            });
        }

        var command = new Command("soak", "Hours in the life of the service at a steady rate, with readers: latency, memory, backlog, and whether they stay.")
        {
            minutes, rate, sample, markdown, chart,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var plan = SoakPlan.Create(TimeSpan.FromMinutes(arguments.GetValue(minutes)), arguments.GetValue(rate), TimeSpan.FromSeconds(arguments.GetValue(sample)));
            return await RunAsync(plan, arguments.GetValue(markdown), arguments.GetValue(chart), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(SoakPlan plan, FileInfo? markdown, FileInfo? chart, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken);
        var facts = await postgres.ReadFactsAsync(cancellationToken);
        var result = await new SoakRun(postgres, plan).RunAsync(cancellationToken);
        var report = SoakReport.Write(plan, MachineFacts.Read(), facts, result);
        Console.WriteLine(report);
        if (markdown is not null)
            await File.WriteAllTextAsync(markdown.FullName, report, cancellationToken);
        if (chart is not null)
            await File.WriteAllTextAsync(chart.FullName, SoakReport.Draw(result), cancellationToken);
        return result.IsRight ? 0 : Wrong;
    }
}
