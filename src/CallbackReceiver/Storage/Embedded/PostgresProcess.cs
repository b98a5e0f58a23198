using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// Starts and stops the server, both through pg_ctl: it gives the server a session of its own, so that Ctrl+C reaches
/// the service alone, tells when it takes connections, and on Windows lays down an administrator's rights.
/// </summary>
internal sealed class PostgresProcess(
    PostgresInstallation installation, StateDirectory state, ServerAccount account, EmbeddedPostgresOptions options, ILogger logger)
{
    private static readonly TimeSpan FastStopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ImmediateStopLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MemoryInUseLimit = TimeSpan.FromSeconds(10);

    private readonly ServerLog serverLog = new(state.Log);

    /// <summary>Returns the server once it takes connections; null where another program has the port.</summary>
    /// <exception cref="EmbeddedPostgresException">It did not come up; the message holds the last lines of its log.</exception>
    public async Task<LiveProcess?> StartAsync(int port, CancellationToken cancellationToken)
    {
        await serverLog.PrepareAsync(account, cancellationToken);
        var settings = ServerSettings.ForPgCtl(port, options.Parameters);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var position = serverLog.Length;
            var result = await RunStartAsync(settings, position, cancellationToken);
            if (result.ExitCode == 0 && PostmasterFile.Read(state.Data) is { } file && LiveProcess.Find(file.ProcessId) is { } server)
                return server;
            var said = serverLog.TailSince(position);
            if (said.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal))
                return null;
            // The children of a server that was killed hold its memory until they notice.
            if (!said.Contains("is still in use", StringComparison.Ordinal) || watch.Elapsed > MemoryInUseLimit)
                throw DidNotStart(result.Output, said, null);
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    /// <summary>Stops a server of this data folder: in order, else at once, else by force.</summary>
    public async Task StopAsync(LiveProcess server)
    {
        if (!server.IsAlive)
            return;
        if (!await RunStopAsync("fast", FastStopLimit))
        {
            logger.StopTookTooLong(FastStopLimit);
            if (!await RunStopAsync("immediate", ImmediateStopLimit))
                server.Kill();
        }

        logger.Stopped();
    }

    private async Task<ChildResult> RunStartAsync(string settings, long position, CancellationToken cancellationToken)
    {
        var began = DateTime.Now;
        // Its own limit lies behind ours: when ours strikes it is still there, and is killed with the server it started.
        var pgCtlLimit = (options.StartupTimeout + TimeSpan.FromMinutes(1)).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        var start = PgCtl("start", "-w", "-t", pgCtlLimit, "-l", Path.GetFileName(state.Log), "-o", settings) with { TimeLimit = options.StartupTimeout };
        try
        {
            return await start.RunAsync(cancellationToken);
        }
        catch (TimeoutException exception)
        {
            KillStartedSince(began);
            throw DidNotStart(
                $"It took longer than {options.StartupTimeout.TotalSeconds:0.#} s ({EmbeddedPostgresOptions.Section}:StartupTimeout).",
                serverLog.TailSince(position),
                exception);
        }
        catch (Win32Exception exception)
        {
            throw DidNotStart(exception.Message, "", exception);
        }
        catch (OperationCanceledException)
        {
            KillStartedSince(began);
            throw;
        }
    }

    /// <summary>pg_ctl may have ended well in the moment it was cancelled: then the server is no child of it any more.</summary>
    private void KillStartedSince(DateTime began)
    {
        if (PostmasterFile.Read(state.Data) is { } file
            && LiveProcess.Find(file.ProcessId) is { IsPostgres: true } server
            && server.StartedAt >= began - TimeSpan.FromSeconds(2))
        {
            server.Kill();
        }
    }

    private async Task<bool> RunStopAsync(string mode, TimeSpan limit)
    {
        try
        {
            var seconds = limit.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
            var stop = PgCtl("stop", "-m", mode, "-w", "-t", seconds) with { TimeLimit = limit + TimeSpan.FromSeconds(5) };
            return (await stop.RunAsync(CancellationToken.None)).ExitCode == 0;
        }
        catch (Exception exception) when (exception is TimeoutException or Win32Exception)
        {
            return false;
        }
    }

    /// <summary>
    /// The data folder goes in the environment and the log by a name relative to the working folder: pg_ctl pastes
    /// options into a shell command, where a <c>$</c> in a path would not survive.
    /// </summary>
    private ChildCommand PgCtl(params string[] arguments) => new(installation.PgCtl, arguments)
    {
        UserName = account.UserName,
        WorkingDirectory = state.Path,
        Environment = new Dictionary<string, string> { ["PGDATA"] = state.Data },
    };

    private EmbeddedPostgresException DidNotStart(string reason, string log, Exception? cause)
    {
        var message = $"PostgreSQL {installation.Major} did not start on {state.Data}. {reason}{Environment.NewLine}" +
            $"The last lines of {state.Log}:{Environment.NewLine}{log}";
        return cause is null ? new EmbeddedPostgresException(message) : new EmbeddedPostgresException(message, cause);
    }
}
