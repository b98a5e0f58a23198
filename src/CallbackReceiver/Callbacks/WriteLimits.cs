namespace CallbackReceiver.Callbacks;

/// <summary>How long PostgreSQL may take for a batch.</summary>
/// <param name="OfReceiving">For deliveries whose senders wait.</param>
/// <param name="OfDrain">For deliveries of the spool, for which only those behind them wait.</param>
/// <param name="OfOne">For one delivery that is stored by itself: one that the spool holds, or that is replayed.</param>
internal sealed record WriteLimits(WriteLimit OfReceiving, WriteLimit OfDrain, WriteLimit OfOne)
{
    /// <summary>A batch of 256 is halved eight times until a delivery stands alone: within the time of all, in the case of the drain.</summary>
    public static WriteLimits Usual { get; } = new(
        new WriteLimit(Lock: Milliseconds(400), Statement: Milliseconds(900), LockOfPart: Milliseconds(40), StatementOfPart: Milliseconds(100), All: Milliseconds(1300)),
        new WriteLimit(Lock: Milliseconds(400), Statement: Milliseconds(5_000), LockOfPart: Milliseconds(50), StatementOfPart: Milliseconds(1_000), All: Milliseconds(20_000)),
        new WriteLimit(Lock: Milliseconds(1000), Statement: Milliseconds(20_000), LockOfPart: Milliseconds(1000), StatementOfPart: Milliseconds(5_000), All: Milliseconds(20_000)));

    /// <summary>A writer whose batch takes longer than this goes on with the next one, while PostgreSQL is busy with a row that is slow or locked.</summary>
    public TimeSpan Slow { get; init; } = Milliseconds(250);

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}

/// <summary>
/// How long PostgreSQL may take for a batch, enforced by PostgreSQL itself: a statement that waits for somebody else's lock, or is slow, ends
/// there, and holds neither the connection nor the deliveries behind it.
/// </summary>
/// <param name="Lock">The longest wait for a lock; 0 is no limit.</param>
/// <param name="Statement">The longest time of one statement, but for the commit; 0 is no limit.</param>
/// <param name="LockOfPart">The longest wait for a lock of each part of a batch that failed as a whole.</param>
/// <param name="StatementOfPart">The longest time of a statement of each such part.</param>
/// <param name="All">After this time no further part is tried.</param>
internal sealed record WriteLimit(TimeSpan Lock, TimeSpan Statement, TimeSpan LockOfPart, TimeSpan StatementOfPart, TimeSpan All)
{
    /// <summary>The limits of a part.</summary>
    public WriteLimit Part => this with { Lock = LockOfPart, Statement = StatementOfPart };
}
