using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>What came of one run of one variant.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Load">What the senders saw.</param>
/// <param name="Cores">Who kept how many cores busy.</param>
/// <param name="PeakMemory">VmHWM in bytes; null where Linux does not say.</param>
/// <param name="Table">What is in the tables.</param>
internal sealed record RunResult(Variant Variant, LoadResult Load, CoresBusy Cores, long? PeakMemory, TableCheck Table)
{
    /// <summary>Whether every callback was answered as stored, and is.</summary>
    public bool IsRight => !Wrongs.Any();

    public IEnumerable<string> Wrongs => [.. Load.Failures.Select(failure => $"{failure.Value} × {failure.Key}"), .. Table.Wrongs];

    public int Errors => Load.Failures.Values.Sum();
}

/// <summary>What came of all runs.</summary>
/// <param name="Ordinary">The rounds.</param>
/// <param name="Large">The service with large bodies.</param>
internal sealed record IngestResult(IReadOnlyList<RunResult> Ordinary, RunResult Large)
{
    public IEnumerable<RunResult> Runs => [.. Ordinary, Large];
}
