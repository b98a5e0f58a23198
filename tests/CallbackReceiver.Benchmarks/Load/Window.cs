using System.Diagnostics;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>The measured time within a run, in <see cref="Stopwatch"/>'s timestamps.</summary>
internal readonly record struct Window(long Start, long End)
{
    public static Window After(TimeSpan warmUp, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp() + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        return new Window(start, start + (long)(duration.TotalSeconds * Stopwatch.Frequency));
    }

    public bool Contains(long timestamp) => timestamp >= Start && timestamp < End;
}
