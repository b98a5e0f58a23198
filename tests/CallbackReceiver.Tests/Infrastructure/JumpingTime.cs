using Microsoft.Extensions.Time.Testing;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A machine's time that goes on as a test says, and whose clock can be set: that moves no monotonic time, nor PostgreSQL's clock.</summary>
internal sealed class JumpingTime(DateTimeOffset start) : TimeProvider
{
    private readonly FakeTimeProvider steady = new(start);
    private long offset;

    public override long TimestampFrequency => steady.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => steady.GetUtcNow().AddTicks(Interlocked.Read(ref offset));

    public override long GetTimestamp() => steady.GetTimestamp();

    public void Pass(TimeSpan by) => steady.Advance(by);

    public void Jump(TimeSpan by) => Interlocked.Add(ref offset, by.Ticks);
}

/// <summary>The real time of a machine whose clock can be set.</summary>
internal sealed class SettableClock : TimeProvider
{
    private readonly EndlessPatience patience = new();
    private long offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref offset));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => patience.CreateTimer(callback, state, dueTime, period);

    public void Set(TimeSpan ahead) => Interlocked.Exchange(ref offset, ahead.Ticks);
}
