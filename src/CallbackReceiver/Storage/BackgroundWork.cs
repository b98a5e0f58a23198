namespace CallbackReceiver.Storage;

/// <summary>
/// Work on PostgreSQL that goes on behind the requests. Stopping cancels it, and waits a moment for it, but for no PostgreSQL that hangs: the
/// driver's cancelling asks the server, and holds whoever cancels until that answers.
/// </summary>
internal abstract class BackgroundWork : BackgroundService
{
    /// <summary>For what is under way to end in order. What is left then may be broken off anywhere, as by a kill.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    /// <summary>Works until it is cancelled.</summary>
    protected abstract Task WorkAsync(CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var cancelling = new CancellationTokenSource(); // not disposed: what is left may look at it still
        await using var stop = stoppingToken.Register(() => _ = cancelling.CancelAsync());
        var working = WorkAsync(cancelling.Token);
        await Task.WhenAny(working, Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken));
        if (stoppingToken.IsCancellationRequested)
            await Task.WhenAny(working, Task.Delay(Patience, CancellationToken.None));
        else
            await working; // it has failed, and the host says so
    }
}
