namespace CallbackReceiver.Callbacks;

/// <summary>
/// Gives each delivery a time of its own, in whole microseconds and always later than the one before, also where the machine's clock is
/// set back: of two analyses received one after the other by this process, the second is the newer one.
/// </summary>
internal sealed class ReceiveClock(TimeProvider time)
{
    private long last;

    public DateTimeOffset Next()
    {
        while (true)
        {
            var before = Volatile.Read(ref last);
            var now = time.GetUtcNow().Ticks / TimeSpan.TicksPerMicrosecond;
            var next = Math.Max(now, before + 1);
            if (Interlocked.CompareExchange(ref last, next, before) == before)
                return new DateTimeOffset(next * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        }
    }
}
