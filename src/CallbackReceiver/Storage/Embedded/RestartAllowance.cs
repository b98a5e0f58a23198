namespace CallbackReceiver.Storage.Embedded;

/// <summary>So many starts within a sliding minute, so that a server that cannot live is not started in a tight loop.</summary>
internal sealed class RestartAllowance(TimeProvider time, ILogger logger)
{
    private const int Starts = 5;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Queue<long> taken = new(Starts);

    /// <summary>Returns when the next start may be made.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        if (taken.Count == Starts)
        {
            var wait = Period - time.GetElapsedTime(taken.Dequeue());
            if (wait > TimeSpan.Zero)
            {
                logger.EndsTooOften(Starts, Period, wait);
                await Task.Delay(wait, time, cancellationToken);
            }
        }

        taken.Enqueue(time.GetTimestamp());
    }
}
