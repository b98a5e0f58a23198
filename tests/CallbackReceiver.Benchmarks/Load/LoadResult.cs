namespace CallbackReceiver.Benchmarks.Load;

/// <summary>What came of a run.</summary>
/// <param name="PerSecond">Callbacks answered as stored, per second of the measured time.</param>
/// <param name="Counted">Callbacks answered as stored within the measured time.</param>
/// <param name="Latencies">Of those.</param>
/// <param name="Stored">The numbers of all callbacks that were answered as stored, warm-up included.</param>
/// <param name="Spooled">The numbers of those that were answered 202, so that they were stored only after the answer. No rate or latency counts them.</param>
/// <param name="Sent">All callbacks of the run have numbers below this.</param>
/// <param name="Failures">How often what went wrong, warm-up included.</param>
internal sealed record LoadResult(
    double PerSecond,
    int Counted,
    LatencyHistogram Latencies,
    IReadOnlyCollection<long> Stored,
    IReadOnlyCollection<long> Spooled,
    long Sent,
    IReadOnlyDictionary<string, int> Failures)
{
    /// <summary>The numbers of all that must be in the tables in the end.</summary>
    public IEnumerable<long> Accepted => Stored.Concat(Spooled);

    public static LoadResult Of(IReadOnlyCollection<SenderTally> tallies, long sent, TimeSpan duration)
    {
        var latencies = new LatencyHistogram();
        foreach (var tally in tallies)
            latencies.Add(tally.Latencies);
        var counted = tallies.Sum(tally => tally.CountedInWindow);
        return new LoadResult(
            counted / duration.TotalSeconds,
            counted,
            latencies,
            [.. tallies.SelectMany(tally => tally.Stored)],
            [.. tallies.SelectMany(tally => tally.Spooled)],
            sent,
            Together(tallies.Select(tally => tally.Failures)));
    }

    /// <summary>One run after the other, as one; its rate and latencies are not told.</summary>
    public static LoadResult Sum(IReadOnlyList<LoadResult> runs) => new(
        PerSecond: 0,
        runs.Sum(run => run.Counted),
        new LatencyHistogram(),
        [.. runs.SelectMany(run => run.Stored)],
        [.. runs.SelectMany(run => run.Spooled)],
        runs.Max(run => run.Sent),
        Together(runs.Select(run => run.Failures)));

    private static Dictionary<string, int> Together(IEnumerable<IReadOnlyDictionary<string, int>> failures) =>
        failures.SelectMany(reasons => reasons).GroupBy(reason => reason.Key).ToDictionary(reason => reason.Key, reason => reason.Sum(failure => failure.Value));
}
