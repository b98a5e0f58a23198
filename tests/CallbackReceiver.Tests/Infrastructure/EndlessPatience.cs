namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The real time, with timers that never fire: what would be given up after a while is waited for.</summary>
internal sealed class EndlessPatience : TimeProvider
{
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
