namespace CallbackReceiver.Callbacks;

/// <summary>The time that a body has to come: it cancels its token when that is over, the sender is gone, or the service stops.</summary>
internal sealed class BodyClock : IDisposable
{
    private readonly TimeProvider time = TimeProvider.System;
    private long startedAt;
    private TimeSpan left;
    private bool stands;

    public BodyClock(TimeSpan timeout, CancellationToken senderGone, CancellationToken stopped)
    {
        left = timeout;
        Source = CancellationTokenSource.CreateLinkedTokenSource(senderGone, stopped);
        startedAt = time.GetTimestamp();
        Source.CancelAfter(left);
    }

    /// <summary>Also cancelled by who wants the reading to end.</summary>
    public CancellationTokenSource Source { get; }

    public CancellationToken Token => Source.Token;

    public bool IsOver => Source.IsCancellationRequested;

    /// <summary>Stops while the body waits for something else than its sender.</summary>
    public void Stop()
    {
        Source.CancelAfter(Timeout.InfiniteTimeSpan);
        left -= time.GetElapsedTime(startedAt);
        stands = true;
    }

    /// <summary>Goes on with the time that was left, where it stands.</summary>
    public void GoOn()
    {
        if (!stands)
            return;
        stands = false;
        startedAt = time.GetTimestamp();
        Source.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    public void Dispose() => Source.Dispose();
}
