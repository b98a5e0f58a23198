using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Operations.Retention;

/// <summary>
/// The time by which something is too old. A clock that is wrong once would remove all there is: it must agree with PostgreSQL's, and where it
/// has jumped, as against the time that the machine counts by itself, it must have stood for a while.
/// </summary>
internal sealed class AgeClock
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>After a jump. A machine that had been suspended is right, and only has to wait.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromHours(1);

    private readonly TimeProvider time;
    private readonly AskDatabaseTime database;
    private readonly long started;
    private TimeSpan trusted;
    private TimeSpan suspected;
    private long suspectedSince;

    public AgeClock(TimeProvider time, AskDatabaseTime database)
    {
        (this.time, this.database, started) = (time, database, time.GetTimestamp());
        trusted = suspected = Offset;
    }

    /// <summary>What the clock is ahead of the time that this process has counted.</summary>
    private TimeSpan Offset => time.GetUtcNow() - DateTimeOffset.UnixEpoch - time.GetElapsedTime(started);

    /// <returns>The earlier of both clocks' times.</returns>
    /// <exception cref="ClockException">The clock is not to be trusted now.</exception>
    public async Task<DateTimeOffset> ReadAsync(CancellationToken cancellationToken)
    {
        var (here, there) = (time.GetUtcNow(), await database(cancellationToken));
        if ((here - there).Duration() > Tolerance)
            throw new ClockException($"this machine's clock says {here:u}, PostgreSQL's {there:u}");
        if (!HasSettled())
            throw new ClockException($"this machine's clock has jumped to {here:u}; it is trusted when it has gone on from there for {Settling:g}");
        return here < there ? here : there;
    }

    private bool HasSettled()
    {
        var offset = Offset;
        if (IsNear(offset, trusted))
        {
            trusted = suspected = offset;
            return true;
        }

        if (!IsNear(offset, suspected))
            (suspected, suspectedSince) = (offset, time.GetTimestamp());
        if (time.GetElapsedTime(suspectedSince) < Settling)
            return false;
        trusted = offset;
        return true;
    }

    private static bool IsNear(TimeSpan one, TimeSpan other) => (one - other).Duration() <= Tolerance;
}

/// <summary>Why no age can be told now.</summary>
internal sealed class ClockException(string message) : Exception(message);
