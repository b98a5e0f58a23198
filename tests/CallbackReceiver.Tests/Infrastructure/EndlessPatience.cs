using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The real time, with timers that never fire: what would be given up after a while is waited for.</summary>
internal sealed class EndlessPatience : TimeProvider
{
    /// <summary>PostgreSQL may take any time for a batch: a statement that waits for a test's lock goes on waiting, and so does its writer.</summary>
    public static WriteLimits WithPostgres { get; } = new(Endless, Endless, Endless) { Slow = Timeout.InfiniteTimeSpan };

    private static WriteLimit Endless => new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.MaxValue);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Never();

    private sealed class Never : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
