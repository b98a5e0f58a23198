using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>What came of one run of one variant.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="PerSecond">Callbacks answered as stored, per second of the measured time.</param>
/// <param name="Latencies">Of those; empty where they are not seen.</param>
/// <param name="Answered">How many were answered as stored, warm-up included.</param>
/// <param name="Spooled">How many were answered 202, and stored after it.</param>
/// <param name="Errors">How many were answered neither way.</param>
/// <param name="Rows">How many rows the run added.</param>
/// <param name="Cores">Who kept how many cores busy.</param>
/// <param name="PeakMemory">VmHWM in bytes; null where Linux does not say.</param>
/// <param name="Wrongs">What is wrong, one sentence each.</param>
internal sealed record RunResult(
    Variant Variant, double PerSecond, LatencyHistogram Latencies, int Answered, int Spooled, int Errors, long Rows, CoresBusy Cores, long? PeakMemory, IReadOnlyList<string> Wrongs)
{
    /// <summary>Whether every callback was accepted, and is stored.</summary>
    public bool IsRight => Wrongs.Count == 0;

    public static RunResult Of(Variant variant, LoadResult load, CoresBusy cores, long? peakMemory, TableCheck table) => new(
        variant, load.PerSecond, load.Latencies, load.Stored.Count, load.Spooled.Count, load.Failures.Values.Sum(), table.Deliveries, cores, peakMemory,
        [.. load.Failures.Select(failure => $"{failure.Value} × {failure.Key}"), .. table.Wrongs]);
}

/// <summary>What came of all runs.</summary>
/// <param name="Ordinary">The rounds.</param>
/// <param name="TwoHours">The service with bodies of calls of two hours.</param>
/// <param name="Large">The service with large bodies.</param>
internal sealed record IngestResult(IReadOnlyList<RunResult> Ordinary, RunResult TwoHours, RunResult Large)
{
    public IEnumerable<RunResult> Runs => [.. Ordinary, TwoHours, Large];
}
