namespace CallbackReceiver.Storage.Embedded;

/// <summary>Starts the server, watches it, and starts it again on the same port when it ends though nobody here stopped it.</summary>
internal sealed class Supervisor(ServerStart start, ReservedPort port, StartStatus status, ILogger logger) : IAsyncDisposable
{
    /// <summary>The server is no child of this process (pg_ctl's session), so its end is looked for, not told.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>
    /// From the request to stop: after ten seconds engines kill. A server that has not stopped in order by then is stopped at once, which takes
    /// a moment and costs a recovery at the next start.
    /// </summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(8.5);

    private static readonly TimeSpan LeastStopLimit = TimeSpan.FromSeconds(2);

    private readonly TimeProvider time = TimeProvider.System;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RestartAllowance allowance = new(TimeProvider.System, logger);
    private Task running = Task.CompletedTask;
    private LiveProcess? server;
    private long? stopRequestedAt;

    /// <summary>Ends when the server has come up for the first time; fails where that was given up.</summary>
    public Task Up => up.Task;

    /// <summary>Begins, and goes on until this is disposed.</summary>
    /// <param name="givesUp">
    /// Whether a failure ends the start, by the failure and how many there have been. A server that has been up once is never given up.
    /// </param>
    public void Begin(Func<EmbeddedPostgresException, int, bool> givesUp) => running = Task.Run(() => RunAsync(givesUp, stopping.Token));

    /// <summary>Says that the service stops: a start that is under way is broken off, a server that is up stays for what is still to be stored.</summary>
    public void BeginStop()
    {
        stopRequestedAt ??= time.GetTimestamp();
        if (!up.Task.IsCompletedSuccessfully)
            _ = stopping.CancelAsync();
    }

    /// <summary>Ends the watch and stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        BeginStop();
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        up.TrySetCanceled();
        var left = StopLimit - time.GetElapsedTime(stopRequestedAt!.Value);
        await start.StopAsync(server, left > LeastStopLimit ? left : LeastStopLimit);
        stopping.Dispose();
    }

    private async Task RunAsync(Func<EmbeddedPostgresException, int, bool> givesUp, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                server = await StartAsync(givesUp, cancellationToken);
                status.Serves();
                up.TrySetResult();
                while (server.IsAlive)
                    await Task.Delay(Interval, cancellationToken);
                logger.EndedUnexpectedly(server.Id, port.Number);
                server = null;
                status.Enter("PostgreSQL has ended and is started again");
                port.TakeBack();
            }
        }
        catch (EmbeddedPostgresException failure)
        {
            up.TrySetException(failure);
        }
    }

    private async Task<LiveProcess> StartAsync(Func<EmbeddedPostgresException, int, bool> givesUp, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            await allowance.TakeAsync(cancellationToken);
            try
            {
                return await start.RunAsync(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // A signal to the whole process group ends initdb or pg_ctl a moment before this process hears of it.
                await Task.Delay(failures < LongestPause.TotalSeconds ? TimeSpan.FromSeconds(failures) : LongestPause, cancellationToken);
                var failure = exception as EmbeddedPostgresException ?? Describe(exception);
                if (!up.Task.IsCompleted && givesUp(failure, failures))
                    throw failure;
                logger.StartFailed(failure.Message);
                status.Enter("PostgreSQL could not be started (the service's log says why) and is tried again");
            }
        }
    }

    private static EmbeddedPostgresException Describe(Exception exception) =>
        new($"PostgreSQL could not be started: {exception.GetType().Name}: {exception.Message}", exception) { IsWorthAnotherTry = true };
}
