namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The real time, which a test can put forward. What happens at intervals does; what would be given up after a while is waited for.</summary>
internal sealed class MovableTime : TimeProvider
{
    private readonly EndlessPatience patience = new();
    private long offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref offset));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        period == Timeout.InfiniteTimeSpan ? patience.CreateTimer(callback, state, dueTime, period) : base.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan by) => Interlocked.Add(ref offset, by.Ticks);
}
