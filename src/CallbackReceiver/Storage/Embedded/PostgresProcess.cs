using System.ComponentModel;
using System.Globalization;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// Starts and stops the server, both through pg_ctl: it gives the server a session of its own, so that Ctrl+C reaches
/// the service alone, tells when it takes connections, and on Windows lays down an administrator's rights.
/// </summary>
internal sealed class PostgresProcess(
    PostgresInstallation installation, StateDirectory state, ServerAccount account, EmbeddedPostgresOptions options, StartStatus status, ILogger logger)
{
    /// <summary>For pg_ctl, in seconds, where the wait is not its own to end.</summary>
    private const string WithoutLimit = "8000000";

    private static readonly TimeSpan AtOnceLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PassingPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider time = TimeProvider.System;

    /// <summary>The server's own log.</summary>
    public ServerLog Log { get; } = new(state.Log);

    /// <summary>
    /// Returns the server once it takes connections. What keeps it from starting and passes by itself is waited for: a port that another program
    /// has, memory that a killed server's children hold until they notice.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">It did not come up; the message holds the last lines of its log.</exception>
    public async Task<LiveProcess> StartAsync(ReservedPort port, CancellationToken cancellationToken)
    {
        await Log.PrepareAsync(account, cancellationToken);
        for (string? reported = null; ; await Task.Delay(PassingPause, cancellationToken))
        {
            status.Enter("PostgreSQL is starting");
            port.LetServerIn();
            var position = Log.Length;
            var result = await RunStartAsync(ServerSettings.ForPgCtl(port.Number, options.Parameters), position, cancellationToken);
            if (result.ExitCode == 0 && FindServer() is { } server)
                return server;
            await StopUnfinishedAsync(); // somebody may have ended pg_ctl alone
            var said = Log.TailSince(position);
            if (WhatPasses(said, port.Number) is not { } passing)
                throw DidNotStart(result.Output, said, null);
            port.Release(); // should it be this reservation that the system does not share
            status.Enter(passing);
            if (passing != reported)
                logger.WaitsFor(reported = passing);
        }
    }

    /// <summary>Stops a server of this data folder: in order, else at once, else by force.</summary>
    /// <param name="server">The server.</param>
    /// <param name="limit">For stopping in order. What is stopped at once recovers at its next start, and loses nothing.</param>
    public async Task StopAsync(LiveProcess server, TimeSpan limit)
    {
        if (!server.IsAlive)
            return;
        if (!await RunStopAsync("fast", limit))
        {
            logger.StopTookTooLong(limit);
            await StopAtOnceAsync(server);
        }

        logger.Stopped();
    }

    /// <summary>Stops a server in order, for as long as it makes progress with that; then at once.</summary>
    public async Task StopPatientlyAsync(LiveProcess server, CancellationToken cancellationToken)
    {
        var stop = PgCtl("stop", "-m", "fast", "-w", "-t", WithoutLimit) with { TimeLimit = Timeout.InfiniteTimeSpan };
        if (await WhileActiveAsync(stop, server.Id, isServer: true, _ => { }, cancellationToken) is not { ExitCode: 0 })
        {
            logger.StopTookTooLong(options.StartupTimeout);
            await StopAtOnceAsync(server);
        }

        logger.Stopped();
    }

    /// <summary>Stops a server that has not come up: there is nothing to do in order, and its recovery begins again in any case.</summary>
    /// <param name="mustBeProven">Whether the process must be seen to be in the data folder; a server of this run needs no proof.</param>
    public async Task StopUnfinishedAsync(bool mustBeProven = false)
    {
        if (FindServer(mustBeProven) is { } server)
            await StopAtOnceAsync(server);
    }

    /// <summary>Stops a server at once, and by force where it does not follow.</summary>
    public async Task StopAtOnceAsync(LiveProcess server)
    {
        if (!await RunStopAsync("immediate", AtOnceLimit))
            server.Kill();
    }

    /// <summary>The server of this data folder, whoever started it; null where none runs.</summary>
    private LiveProcess? FindServer(bool mustBeProven = false) =>
        PostmasterFile.Read(state.Data) is { } file && LiveProcess.Find(file.ProcessId) is { IsPostgres: true } server
            && (server.CurrentDirectory is { } folder ? state.IsData(folder) : !mustBeProven) ? server : null;

    private async Task<ChildResult> RunStartAsync(string settings, long position, CancellationToken cancellationToken)
    {
        var start = PgCtl("start", "-w", "-t", WithoutLimit, "-l", Path.GetFileName(state.Log), "-o", settings) with { TimeLimit = Timeout.InfiniteTimeSpan };
        var (began, reported) = (time.GetTimestamp(), time.GetTimestamp());
        try
        {
            return await WhileActiveAsync(start, null, isServer: false, Report, cancellationToken) ?? throw DidNotStart(
                $"It made no progress for {options.StartupTimeout.TotalSeconds:0.#} s ({EmbeddedPostgresOptions.Section}:StartupTimeout).",
                Log.TailSince(position),
                null);
        }
        catch (Win32Exception exception)
        {
            throw DidNotStart(exception.Message, "", exception);
        }

        void Report(TimeSpan idle)
        {
            var progress = Log.ProgressSince(position);
            status.Report(progress);
            if (time.GetElapsedTime(reported) < ReportInterval)
                return;
            reported = time.GetTimestamp();
            logger.StillStarting((long)time.GetElapsedTime(began).TotalSeconds, progress ?? $"nothing has changed for {idle.TotalSeconds:0} s");
        }
    }

    /// <summary>Runs a command for as long as the server makes progress, and ends what it has started where it does not, or is cancelled.</summary>
    /// <param name="command">The command.</param>
    /// <param name="serverId">The server; null where it is the command that starts one.</param>
    /// <param name="isServer">Whether the process itself counts, beside its descendants.</param>
    /// <param name="report">Is told, each time that was looked, how long nothing has changed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null where it made no progress for <see cref="EmbeddedPostgresOptions.StartupTimeout"/>.</returns>
    private async Task<ChildResult?> WhileActiveAsync(
        ChildCommand command, int? serverId, bool isServer, Action<TimeSpan> report, CancellationToken cancellationToken)
    {
        using var abandon = new CancellationTokenSource();
        var process = serverId ?? 0;
        var running = (command with { Started = id => process = serverId ?? id }).RunAsync(abandon.Token);
        var activity = new ServerActivity(Log, process, isServer, time);
        while (await Task.WhenAny(running, Task.Delay(LookInterval, cancellationToken)) != running)
        {
            var idle = activity.LookForIdleTime();
            if (!cancellationToken.IsCancellationRequested && idle < options.StartupTimeout)
            {
                report(idle);
                continue;
            }

            if (!isServer)
                await StopUnfinishedAsync();
            await abandon.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }

        return await running;
    }

    private async Task<bool> RunStopAsync(string mode, TimeSpan limit)
    {
        try
        {
            var seconds = Math.Ceiling(limit.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
            var stop = PgCtl("stop", "-m", mode, "-w", "-t", seconds) with { TimeLimit = limit };
            return (await stop.RunAsync(CancellationToken.None)).ExitCode == 0;
        }
        catch (Exception exception) when (exception is TimeoutException or Win32Exception)
        {
            return false;
        }
    }

    /// <summary>What the server's last words say that it waits for; null where it needs more than time.</summary>
    private static string? WhatPasses(string said, int port)
    {
        if (said.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal))
            return $"PostgreSQL cannot start before another program frees the port {port}";
        return said.Contains("is still in use", StringComparison.Ordinal)
            ? "PostgreSQL cannot start before the processes of an earlier one, which was killed, have ended"
            : null;
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
        return cause is null
            ? new EmbeddedPostgresException(message) { IsWorthAnotherTry = true }
            : new EmbeddedPostgresException(message, cause) { IsWorthAnotherTry = true };
    }
}
