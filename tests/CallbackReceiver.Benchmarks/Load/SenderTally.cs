namespace CallbackReceiver.Benchmarks.Load;

/// <summary>What one connection has seen.</summary>
internal sealed class SenderTally
{
    /// <summary>The numbers of the callbacks that were answered as stored, those outside the measured time included.</summary>
    public List<long> Stored { get; } = new(16 * 1024);

    /// <summary>The numbers of the callbacks that were answered 202: they were in the spool, and not yet in the tables.</summary>
    public List<long> Spooled { get; } = [];

    /// <summary>Latencies within the measured time.</summary>
    public LatencyHistogram Latencies { get; } = new();

    public int CountedInWindow { get; private set; }

    /// <summary>How often what went wrong.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    /// <param name="number">The callback's.</param>
    /// <param name="latency">Null outside the measured time.</param>
    public void Succeed(long number, TimeSpan? latency)
    {
        Stored.Add(number);
        if (latency is not { } counted)
            return;
        CountedInWindow++;
        Latencies.Add(counted);
    }

    public void Fail(string reason) => Failures[reason] = Failures.GetValueOrDefault(reason) + 1;
}
