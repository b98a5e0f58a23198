namespace CallbackReceiver.Callbacks;

/// <summary>
/// Gives each delivery a time of its own, in whole microseconds and always later than the one before: of two analyses received one after the
/// other by this process, the second is the newer one. It does not take the machine's clock at its word, which may jump: it goes on by monotonic
/// time from what it last believed, and believes PostgreSQL's clock, which all replicas share (docs/decisions/0070).
/// </summary>
internal sealed class ReceiveClock(TimeProvider time)
{
    /// <summary>How far the machine's clock may be from PostgreSQL's, or jump, and still be followed.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>For how long a clock that has jumped must go on so until it is believed where PostgreSQL cannot be asked.</summary>
    private static readonly TimeSpan Persistence = TimeSpan.FromMinutes(5);

    /// <summary>How old what is known of PostgreSQL's clock may become.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    /// <summary>Longer than a delivery waits for its commit. One that seems to have waited longer was received before the clock was set right.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private Belief belief = new(time.GetUtcNow(), time.GetTimestamp(), IsOfDatabase: false);
    private TimeSpan ahead;
    private long? doubtedSince;
    private long last;

    /// <summary>The time as it is believed to be; unlike <see cref="Next"/> it may be the same twice.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (gate)
                return Read();
        }
    }

    /// <summary>How far the machine's clock is ahead of PostgreSQL's; negative where it is behind, null as long as PostgreSQL has not answered.</summary>
    public TimeSpan? Ahead
    {
        get
        {
            lock (gate)
                return belief.IsOfDatabase ? time.GetUtcNow() - Steady : null;
        }
    }

    /// <summary>Whether PostgreSQL is to be asked before the next delivery is stored: long ago, never, or before the machine's clock moved.</summary>
    public bool IsDoubtful
    {
        get
        {
            lock (gate)
                return !belief.IsOfDatabase || time.GetElapsedTime(belief.Timestamp) > MaxAge || (time.GetUtcNow() - Steady - ahead).Duration() > Tolerance;
        }
    }

    private DateTimeOffset Steady => belief.Utc + time.GetElapsedTime(belief.Timestamp);

    public DateTimeOffset Next()
    {
        lock (gate)
            return TakeNext();
    }

    /// <summary>Tells what PostgreSQL's clock showed at a moment. Only here may the time that is given out go back.</summary>
    /// <param name="ofDatabase">What it showed.</param>
    /// <param name="timestamp">When, in monotonic time: a machine under load may be long past it.</param>
    /// <returns>How far it is from what was believed before.</returns>
    public TimeSpan Believe(DateTimeOffset ofDatabase, long timestamp)
    {
        lock (gate)
        {
            var before = Read();
            belief = new Belief(ofDatabase, timestamp, IsOfDatabase: true);
            var now = Steady;
            ahead = time.GetUtcNow() - now;
            doubtedSince = null;
            if (last > MicrosecondsOf(now + Tolerance))
                last = MicrosecondsOf(now);
            return now - before;
        }
    }

    /// <summary>
    /// The deliveries, to be stored now, with a time that can be: none is received later than now, and none that comes straight from its sender
    /// has waited for long. One for which this does not hold was received by a clock that was wrong.
    /// </summary>
    public IReadOnlyList<Delivery> Correct(IReadOnlyList<Delivery> deliveries)
    {
        lock (gate)
        {
            var now = Read();
            return deliveries.Any(IsWrong) ? [.. deliveries.Select(delivery => IsWrong(delivery) ? delivery.ReceivedAgain(TakeNext()) : delivery)] : deliveries;

            bool IsWrong(Delivery delivery) => delivery.ReceivedAt > now + Tolerance || (!delivery.IsLate && delivery.ReceivedAt < now - LongestWait);
        }
    }

    private DateTimeOffset TakeNext()
    {
        last = Math.Max(MicrosecondsOf(Read()), last + 1);
        return new DateTimeOffset(last * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
    }

    /// <summary>The machine's clock, which is the finer one, as long as it is near what is believed.</summary>
    private DateTimeOffset Read()
    {
        var (machine, steady) = (time.GetUtcNow(), Steady);
        if ((machine - steady).Duration() <= Tolerance)
        {
            doubtedSince = null;
            if (!belief.IsOfDatabase)
                belief = belief with { Utc = machine, Timestamp = time.GetTimestamp() };
            return machine;
        }

        if (belief.IsOfDatabase && time.GetElapsedTime(belief.Timestamp) < Persistence)
            return steady;
        doubtedSince ??= time.GetTimestamp();
        if (time.GetElapsedTime(doubtedSince.Value) < Persistence)
            return steady;
        belief = new Belief(machine, time.GetTimestamp(), IsOfDatabase: false);
        doubtedSince = null;
        return machine;
    }

    private static long MicrosecondsOf(DateTimeOffset at) => at.UtcTicks / TimeSpan.TicksPerMicrosecond;

    /// <summary>What the time was at a moment of monotonic time.</summary>
    private readonly record struct Belief(DateTimeOffset Utc, long Timestamp, bool IsOfDatabase);
}
