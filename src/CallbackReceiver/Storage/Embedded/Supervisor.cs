namespace CallbackReceiver.Storage.Embedded;

/// <summary>Watches the running server and starts it again, on the same port, when it ends though nobody here stopped it.</summary>
internal sealed class Supervisor : IAsyncDisposable
{
    /// <summary>The server is no child of this process (pg_ctl's session), so its end is looked for, not told.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly PostgresProcess process;
    private readonly PreviousServer previous;
    private readonly int port;
    private readonly ILogger logger;
    private readonly RestartAllowance allowance;
    private readonly CancellationTokenSource stoppingSource = new();
    private readonly Task watching;
    private LiveProcess server;

    public Supervisor(PostgresProcess process, PreviousServer previous, LiveProcess server, int port, ILogger logger)
    {
        this.process = process;
        this.previous = previous;
        this.server = server;
        this.port = port;
        this.logger = logger;
        allowance = new RestartAllowance(TimeProvider.System, logger);
        watching = Task.Run(() => WatchAsync(stoppingSource.Token));
    }

    /// <summary>Ends the watch and stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await stoppingSource.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await process.StopAsync(server);
        stoppingSource.Dispose();
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        while (true)
        {
            while (server.IsAlive)
                await Task.Delay(Interval, stopping);
            logger.EndedUnexpectedly(server.Id, port);
            server = await RestartAsync(stopping);
        }
    }

    private async Task<LiveProcess> RestartAsync(CancellationToken stopping)
    {
        while (true)
        {
            await allowance.TakeAsync(stopping);
            try
            {
                await previous.RetireAsync(stopping);
                if (await process.StartAsync(port, stopping) is { } server)
                    return server;
                logger.PortTakenWhileAway(port);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                logger.RestartFailed(exception);
            }

            await Task.Delay(Interval, stopping);
        }
    }
}
