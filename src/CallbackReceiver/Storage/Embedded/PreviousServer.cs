using Npgsql;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// The server of a run that was killed: it may live on, or have left its <c>postmaster.pid</c>, which keeps the next
/// from starting when the process id in it belongs to something else by now.
/// </summary>
internal sealed class PreviousServer(PostgresProcess process, StateDirectory state, string password, TimeSpan limit, StartStatus status, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private enum Identity
    {
        /// <summary>A server of our data folder.</summary>
        Ours,

        /// <summary>A server of our data folder that does not answer: it recovers, or stops, or hangs.</summary>
        OursAndBusy,

        /// <summary>Some other process that was given the id.</summary>
        Another,

        /// <summary>Perhaps ours, on its way up or down.</summary>
        Unknown,
    }

    /// <summary>
    /// Returns when no server runs on the data folder. Signals no process but one proven to be that server. One that is on its recovery is
    /// waited for as long as it makes progress: what is broken off would begin again.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">A process that may be such a server neither answers nor ends.</exception>
    public async Task RetireAsync(CancellationToken cancellationToken)
    {
        ServerActivity? activity = null;
        while (PostmasterFile.Read(state.Data) is { } file && LiveProcess.Find(file.ProcessId) is { } running)
        {
            var identity = await IdentifyAsync(file, running, cancellationToken);
            if (identity is Identity.Another)
            {
                logger.RemovingStaleFile(file.Path, file.ProcessId);
                File.Delete(file.Path);
                return;
            }

            if (identity is Identity.Ours)
            {
                await StopAsync(file, running, cancellationToken);
                continue;
            }

            if (activity is null)
                BeginWait(file);
            activity ??= new ServerActivity(process.Log, file.ProcessId, isServer: true, TimeProvider.System);
            if (activity.LookForIdleTime() > limit)
                await StopHangingAsync(file, running, identity);
            await Task.Delay(Interval, cancellationToken);
        }

        RemoveFileOfZombie();
    }

    private async Task StopAsync(PostmasterFile file, LiveProcess running, CancellationToken cancellationToken)
    {
        logger.StoppingOrphan(file.ProcessId, file.Port);
        status.Enter("the PostgreSQL of the last run is stopping");
        await process.StopPatientlyAsync(running, cancellationToken);
    }

    private void BeginWait(PostmasterFile file)
    {
        const string what = "the PostgreSQL of the last run recovers, or stops; then it is stopped, and started anew";
        logger.WaitsForOrphan(file.ProcessId);
        status.Enter(what);
    }

    private async Task StopHangingAsync(PostmasterFile file, LiveProcess running, Identity identity)
    {
        if (identity is Identity.Unknown)
        {
            throw new EmbeddedPostgresException(
                $"Process {file.ProcessId} seems to be a PostgreSQL that serves {state.Data}, but it does not answer on port {file.Port} " +
                $"and does not end. Stop it; or, if it is something else, delete {file.Path}.")
            { IsWorthAnotherTry = true };
        }

        logger.StoppingOrphan(file.ProcessId, file.Port);
        await process.StopAtOnceAsync(running);
    }

    /// <summary>
    /// PostgreSQL overlooks a file whose process is gone, but takes a zombie for a server. What such a server's children
    /// still hold is guarded by its shared memory, which the next server looks at whether the file is there or not.
    /// </summary>
    private void RemoveFileOfZombie()
    {
        if (PostmasterFile.Read(state.Data) is { } file && LiveProcess.IsZombie(file.ProcessId))
            File.Delete(file.Path);
    }

    private async Task<Identity> IdentifyAsync(PostmasterFile file, LiveProcess running, CancellationToken cancellationToken)
    {
        if (!running.IsPostgres)
            return Identity.Another;
        // A server's current folder is its data folder; not every system, nor every container, lets us see it.
        var folder = running.CurrentDirectory;
        if (folder is not null && !state.IsData(folder))
            return Identity.Another;
        var (refused, silent) = folder is null ? (Identity.Another, Identity.Unknown) : (Identity.OursAndBusy, Identity.OursAndBusy);
        try
        {
            await using var connection = await new ServerAddress(file.Port, password).ConnectAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SHOW data_directory", connection);
            return await command.ExecuteScalarAsync(cancellationToken) is string data && state.IsData(data) ? Identity.Ours : refused;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            return refused;
        }
        catch (NpgsqlException)
        {
            return silent;
        }
    }
}
