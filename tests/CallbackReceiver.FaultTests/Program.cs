using System.CommandLine;
using System.Diagnostics;
using System.Runtime.Versioning;
using CallbackReceiver.Benchmarks.Reports;
using CallbackReceiver.FaultTests.Faults;
using CallbackReceiver.FaultTests.Machinery;
using CallbackReceiver.FaultTests.Rounds;
using CallbackReceiver.FaultTests.Upgrades;

[assembly: SupportedOSPlatform("linux")]

if (!OperatingSystem.IsLinux())
{
    await Console.Error.WriteLineAsync("The fault tests stop, kill and look at processes as Linux does it; run them there.");
    return 1;
}

var rounds = new Option<int>("--rounds") { Description = "How many times something is broken.", DefaultValueFactory = _ => 2 * Fault.All.Count };
var seed = new Option<int?>("--seed") { Description = "What all random choices come from; another one each time where it is not given." };
var faults = new Option<string[]>("--faults") { Description = "Only these.", AllowMultipleArgumentsPerToken = true };
faults.AcceptOnlyFromAmong([.. Fault.All.Select(fault => fault.Name)]);
var lanes = new Option<int>("--lanes") { Description = "Rounds at once, each with a PostgreSQL and a service of its own.", DefaultValueFactory = _ => 2 };
var rate = new Option<int>("--rate") { Description = "Callbacks a second in each lane.", DefaultValueFactory = _ => 150 };
var minutes = new Option<int>("--minutes") { Description = "Begins no round after that time.", DefaultValueFactory = _ => 24 * 60 };
var markdown = new Option<FileInfo?>("--markdown") { Description = "Writes the report to this file as well." };
var root = new RootCommand("Kills, freezes and fills what the callback receiver stands on, at random moments, and holds what it answered against what is stored.")
{
    rounds, seed, faults, lanes, rate, minutes, markdown,
};
root.SetAction(async (arguments, cancellationToken) =>
{
    var chosen = arguments.GetValue(faults) is { Length: > 0 } names ? Fault.All.Where(fault => names.Contains(fault.Name)).ToList() : Fault.All;
    var plan = new FaultPlan(
        arguments.GetValue(rounds),
        chosen,
        arguments.GetValue(seed) ?? Random.Shared.Next(),
        arguments.GetValue(lanes),
        arguments.GetValue(rate),
        TimeSpan.FromMinutes(arguments.GetValue(minutes)));
    return await RunAsync(plan, arguments.GetValue(markdown), cancellationToken);
});
root.Subcommands.Add(UpgradeCommand());
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

static async Task<int> RunAsync(FaultPlan plan, FileInfo? markdown, CancellationToken cancellationToken)
{
    Console.WriteLine($"seed {plan.Seed}");
    var started = Stopwatch.GetTimestamp();
    var results = await FaultRun.RunAsync(plan, cancellationToken);
    var report = FaultReport.Write(plan, MachineFacts.Read(), results, Stopwatch.GetElapsedTime(started));
    Console.WriteLine();
    Console.WriteLine(report);
    if (markdown is not null)
        await File.WriteAllTextAsync(markdown.FullName, report, CancellationToken.None);

    var failed = results.Count(result => !result.IsPassed);
    Console.WriteLine($"{results.Count - failed} passed, {failed} failed");
    return failed == 0 && !cancellationToken.IsCancellationRequested ? 0 : 1;
}

static Command UpgradeCommand()
{
    var from = new Option<DirectoryInfo>("--from") { Description = "The folder of an older version as it was published.", Required = true };
    from.AcceptExistingOnly();
    var rate = new Option<int>("--rate") { Description = "Callbacks a second to each replica.", DefaultValueFactory = _ => 100 };
    var seed = new Option<int?>("--seed") { Description = "What the callbacks come from; another one each time where it is not given." };
    var upgrade = new Command("upgrade", "Replaces replicas of an older version by this one while callbacks come in, goes back, and forward again.") { from, rate, seed };
    upgrade.SetAction(async (arguments, cancellationToken) =>
    {
        var plan = new UpgradePlan(
            Path.Combine(arguments.GetRequiredValue(from).FullName, ServiceSettings.AssemblyName), arguments.GetValue(rate), arguments.GetValue(seed) ?? Random.Shared.Next());
        Console.WriteLine($"seed {plan.Seed}");
        await using var run = await RollingUpgrade.CreateAsync(plan, cancellationToken);
        var wrongs = await run.RunAsync(cancellationToken);
        foreach (var wrong in wrongs)
            Console.WriteLine(wrong);
        Console.WriteLine(wrongs.Count == 0 ? "1 passed, 0 failed" : "0 passed, 1 failed");
        return wrongs.Count == 0 ? 0 : 1;
    });
    return upgrade;
}
