using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// Work on PostgreSQL that goes on behind the requests. No failure of it ends the receiving: it begins again. Stopping cancels it, and waits a
/// moment for it, but for no PostgreSQL that hangs: the driver's cancelling asks the server, and holds whoever cancels until that answers.
/// </summary>
internal abstract partial class BackgroundWork : BackgroundService
{
    /// <summary>For what is under way to end in order. What is left then may be broken off anywhere, as by a kill.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected abstract ILogger Logger { get; }

    /// <summary>Works until it is done, or is cancelled.</summary>
    protected abstract Task WorkAsync(CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var cancelling = new CancellationTokenSource(); // not disposed: what is left may look at it still
        await using var stop = stoppingToken.Register(() => _ = cancelling.CancelAsync());
        var working = WorkWhateverFailsAsync(cancelling.Token);
        await Task.WhenAny(working, Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken));
        await Task.WhenAny(working, Task.Delay(Patience, CancellationToken.None));
    }

    /// <summary>
    /// What is expected to fail is handled where it does. But the driver has failures of its own: after a statement that it was about to
    /// prepare was refused, by a server that takes no writes, it may take the next answer for a broken protocol.
    /// </summary>
    private async Task WorkWhateverFailsAsync(CancellationToken cancellationToken)
    {
        for (var isDone = false; !isDone && !cancellationToken.IsCancellationRequested;)
        {
            try
            {
                await WorkAsync(cancellationToken);
                isDone = true;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(Logger, GetType().Name, Describe(exception));
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    /// <summary>PostgreSQL's own messages may quote data.</summary>
    private static string Describe(Exception exception) => exception is PostgresException refusal
        ? $"PostgreSQL answers SQLSTATE {refusal.SqlState}"
        : $"{exception.GetType().Name}: {exception.Message}";

    [LoggerMessage(203, LogLevel.Warning, "{Work} failed, and begins again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string work, string reason);
}
