namespace CallbackReceiver.Storage.Embedded;

/// <summary>Watches the running server and starts it again, on the same port, when it ends though nobody here stopped it.</summary>
internal sealed class Supervisor : IAsyncDisposable
{
    /// <summary>The server is no child of this process (pg_ctl's session), so its end is looked for, not told.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly PostgresProcess _process;
    private readonly PreviousServer _previous;
    private readonly int _port;
    private readonly ILogger _logger;
    private readonly RestartAllowance _allowance;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _watching;
    private LiveProcess _server;

    public Supervisor(PostgresProcess process, PreviousServer previous, LiveProcess server, int port, ILogger logger)
    {
        _process = process;
        _previous = previous;
        _server = server;
        _port = port;
        _logger = logger;
        _allowance = new RestartAllowance(TimeProvider.System, logger);
        _watching = Task.Run(() => WatchAsync(_stopping.Token));
    }

    /// <summary>Ends the watch and stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _process.StopAsync(_server);
        _stopping.Dispose();
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        while (true)
        {
            while (_server.IsAlive)
                await Task.Delay(Interval, stopping);
            _logger.EndedUnexpectedly(_server.Id, _port);
            _server = await RestartAsync(stopping);
        }
    }

    private async Task<LiveProcess> RestartAsync(CancellationToken stopping)
    {
        while (true)
        {
            await _allowance.TakeAsync(stopping);
            try
            {
                await _previous.RetireAsync(stopping);
                if (await _process.StartAsync(_port, stopping) is { } server)
                    return server;
                _logger.PortTakenWhileAway(_port);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                _logger.RestartFailed(exception);
            }

            await Task.Delay(Interval, stopping);
        }
    }
}
