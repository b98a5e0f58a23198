using CallbackReceiver.Benchmarks.Load;

namespace CallbackReceiver.Benchmarks.Soak;

/// <summary>A stretch of the run.</summary>
/// <param name="End">Its end, from the start of the run.</param>
/// <param name="Load">What the senders saw.</param>
/// <param name="Reads">Latencies of the reader.</param>
/// <param name="Memory">Resident memory of the service at its end, in bytes.</param>
/// <param name="Backlog">Stored analyses that were not searchable yet at its end.</param>
/// <param name="DatabaseBytes">The database's size at its end.</param>
internal sealed record SoakSample(TimeSpan End, LoadResult Load, LatencyHistogram Reads, long? Memory, long Backlog, long DatabaseBytes);

/// <summary>What came of the run.</summary>
/// <param name="Samples">In their order.</param>
/// <param name="Answered">Callbacks that were answered as stored.</param>
/// <param name="CatchUp">How long it took until all was searchable, once nothing more came.</param>
/// <param name="Wrongs">What is wrong, one sentence each.</param>
internal sealed record SoakResult(IReadOnlyList<SoakSample> Samples, int Answered, TimeSpan CatchUp, IReadOnlyList<string> Wrongs)
{
    public bool IsRight => Wrongs.Count == 0;
}
