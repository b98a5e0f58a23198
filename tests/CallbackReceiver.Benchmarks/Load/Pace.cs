using System.Diagnostics;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>
/// Says when each callback is due. Its latency counts from then, not from when a connection became free to send it: a server that stalls
/// is not let off the callbacks that would have come meanwhile.
/// </summary>
/// <param name="start">The timestamp at which the first is due.</param>
/// <param name="firstNumber">The number of the first.</param>
/// <param name="perSecond">How many a second.</param>
internal sealed class Pace(long start, long firstNumber, double perSecond)
{
    /// <summary>Waits until the callback is due.</summary>
    /// <returns>When that was.</returns>
    public async ValueTask<long> WaitAsync(long number, CancellationToken cancellationToken)
    {
        var due = start + (long)((number - firstNumber) / perSecond * Stopwatch.Frequency);
        if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } wait)
            await Task.Delay(wait, cancellationToken);
        return due;
    }
}
