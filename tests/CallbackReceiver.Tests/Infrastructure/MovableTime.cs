namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The real time, which a test can put forward, and with it what the service sees of PostgreSQL's clock. What happens at intervals does; what would be given up after a while is waited for.</summary>
internal sealed class MovableTime : TimeProvider
{
    private readonly EndlessPatience patience = new();
    private long offset;

    public TimeSpan Offset => TimeSpan.FromTicks(Interlocked.Read(ref offset));

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        period == Timeout.InfiniteTimeSpan ? patience.CreateTimer(callback, state, dueTime, period) : base.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan by) => Interlocked.Add(ref offset, by.Ticks);
}
