namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The real time, which a test can put forward, or whose clock alone it can set. What happens at intervals does; what would be given up after a while is waited for.</summary>
internal sealed class MovableTime : TimeProvider
{
    private readonly EndlessPatience patience = new();
    private long passed;
    private long jumped;

    /// <summary>What a clock shows that is right.</summary>
    public DateTimeOffset RightTime => base.GetUtcNow().AddTicks(Interlocked.Read(ref passed));

    public override DateTimeOffset GetUtcNow() => RightTime.AddTicks(Interlocked.Read(ref jumped));

    public override long GetTimestamp() => base.GetTimestamp() + (long)(TimeSpan.FromTicks(Interlocked.Read(ref passed)).TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        period == Timeout.InfiniteTimeSpan ? patience.CreateTimer(callback, state, dueTime, period) : base.CreateTimer(callback, state, dueTime, period);

    /// <summary>Lets time pass, for all clocks.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref passed, by.Ticks);

    /// <summary>Sets the service's clock, and no other.</summary>
    public void Jump(TimeSpan by) => Interlocked.Add(ref jumped, by.Ticks);
}
