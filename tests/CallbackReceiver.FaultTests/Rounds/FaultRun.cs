using System.Collections.Concurrent;
using System.Globalization;
using CallbackReceiver.FaultTests.Faults;
using CallbackReceiver.FaultTests.Machinery;

namespace CallbackReceiver.FaultTests.Rounds;

/// <summary>What is run.</summary>
/// <param name="Rounds">How many rounds.</param>
/// <param name="Faults">These, each as often as the others, in a random order.</param>
/// <param name="Seed">What all random choices come from.</param>
/// <param name="Lanes">How many rounds run at once, each on an installation of its own.</param>
/// <param name="PerSecond">Callbacks sent a second in each lane.</param>
internal sealed record FaultPlan(int Rounds, IReadOnlyList<Fault> Faults, int Seed, int Lanes, int PerSecond)
{
    public IReadOnlyList<Round> Draw()
    {
        var random = new Random(Seed);
        var faults = Faults.ToArray();
        var rounds = new List<Round>();
        for (var number = 1; number <= Rounds; number++)
        {
            if ((number - 1) % faults.Length == 0)
                random.Shuffle(faults);
            rounds.Add(new Round(number, faults[(number - 1) % faults.Length], random.Next()));
        }

        return rounds;
    }
}

/// <summary>Runs the plan.</summary>
internal static class FaultRun
{
    /// <returns>The results of the rounds that were run, in their order; not all where it was cancelled.</returns>
    public static async Task<IReadOnlyList<RoundResult>> RunAsync(FaultPlan plan, CancellationToken cancellationToken)
    {
        var waiting = new ConcurrentQueue<Round>(plan.Draw());
        var results = new ConcurrentBag<RoundResult>();
        await using var folder = new RunFolder();
        await Task.WhenAll(Enumerable.Range(1, plan.Lanes).Select(lane => Task.Run(
            async () =>
            {
                await using var site = new Lane(Path.Combine(folder.Path, $"lane-{lane}"), plan.PerSecond);
                while (!cancellationToken.IsCancellationRequested && waiting.TryDequeue(out var round))
                    results.Add(Tell(await site.RunAsync(round, cancellationToken)));
            },
            CancellationToken.None)));
        return [.. results.OrderBy(result => result.Round.Number)];
    }

    private static RoundResult Tell(RoundResult result)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"round {result.Round.Number}, {result.Round.Fault.Name}, seed {result.Round.Seed}: {(result.IsPassed ? "passed" : "FAILED")} after {result.Duration.TotalSeconds:0.0} s; {string.Join(", ", result.Replies.OrderBy(reply => reply.Key).Select(reply => $"{reply.Value} {reply.Key}"))}; slowest answer {result.SlowestAnswer.TotalSeconds:0.0} s"));
        foreach (var wrong in result.Wrongs)
            Console.WriteLine($"  {wrong.ReplaceLineEndings("\n  ")}");
        return result;
    }
}
