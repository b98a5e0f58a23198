using System.Collections.Concurrent;
using System.Diagnostics;
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
/// <param name="Limit">No round begins after that time.</param>
internal sealed record FaultPlan(int Rounds, IReadOnlyList<Fault> Faults, int Seed, int Lanes, int PerSecond, TimeSpan Limit)
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
    /// <returns>The results of the rounds that were run to their end, in their order; not all where it took too long or was cancelled.</returns>
    public static async Task<IReadOnlyList<RoundResult>> RunAsync(FaultPlan plan, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var waiting = new ConcurrentQueue<Round>(plan.Draw());
        var results = new ConcurrentBag<RoundResult>();
        await using var folder = new RunFolder();
        await Task.WhenAll(Enumerable.Range(1, plan.Lanes).Select(number => Task.Run(() => RunLaneAsync(number), CancellationToken.None)));
        return [.. results.OrderBy(result => result.Round.Number)];

        async Task RunLaneAsync(int number)
        {
            await using var lane = new Lane(Path.Combine(folder.Path, $"lane-{number}"), plan.PerSecond);
            try
            {
                while (Stopwatch.GetElapsedTime(started) < plan.Limit && waiting.TryDequeue(out var round))
                    results.Add(Tell(await lane.RunAsync(round, cancellationToken)));
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // What broke off the round may be any failure of a wait that was ended.
            }
        }
    }

    private static RoundResult Tell(RoundResult result)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"round {result.Round.Number}, {result.Round.Fault.Name}, seed {result.Round.Seed}: {(result.IsPassed ? "passed" : "FAILED")} after {result.Duration.TotalSeconds:0.0} s; {string.Join(", ", result.Replies.OrderBy(reply => reply.Key).Select(reply => $"{reply.Value} {reply.Key}"))}; slowest answer {(result.AnswerTimes is [.., var slowest] ? slowest.TotalSeconds : 0):0.0} s"));
        foreach (var wrong in result.Wrongs)
            Console.WriteLine($"  {wrong.ReplaceLineEndings("\n  ")}");
        return result;
    }
}
