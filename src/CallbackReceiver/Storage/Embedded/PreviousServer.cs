using System.Diagnostics;
using Npgsql;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// The server of a run that was killed: it may live on, or have left its <c>postmaster.pid</c>, which keeps the next
/// from starting when the process id in it belongs to something else by now.
/// </summary>
internal sealed class PreviousServer(PostgresProcess process, StateDirectory state, string password, TimeSpan limit, ILogger logger)
{
    private enum Identity
    {
        /// <summary>A server of our data folder.</summary>
        Ours,

        /// <summary>Some other process that was given the id.</summary>
        Another,

        /// <summary>Perhaps ours, on its way up or down.</summary>
        Unknown,
    }

    /// <summary>Returns when no server runs on the data folder. Signals no process but one proven to be that server.</summary>
    /// <exception cref="EmbeddedPostgresException">A process that may be such a server neither answers nor ends.</exception>
    public async Task RetireAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (PostmasterFile.Read(state.Data) is { } file && LiveProcess.Find(file.ProcessId) is { } running)
        {
            switch (await IdentifyAsync(file, running, cancellationToken))
            {
                case Identity.Ours:
                    logger.StoppingOrphan(file.ProcessId, file.Port);
                    await process.StopAsync(running);
                    return;
                case Identity.Another:
                    logger.RemovingStaleFile(file.Path, file.ProcessId);
                    File.Delete(file.Path);
                    return;
                case Identity.Unknown when watch.Elapsed > limit:
                    throw new EmbeddedPostgresException(
                        $"Process {file.ProcessId} seems to be a PostgreSQL that serves {state.Data}, but it does not answer on port {file.Port} " +
                        $"and does not end. Stop it; or, if it is something else, delete {file.Path}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken);
        }

        RemoveFileOfZombie();
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
        if (folder is not null && !IsOurData(folder))
            return Identity.Another;
        var whoElse = folder is null ? Identity.Another : Identity.Unknown;
        try
        {
            await using var connection = await new ServerAddress(file.Port, password).ConnectAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SHOW data_directory", connection);
            return await command.ExecuteScalarAsync(cancellationToken) is string data && IsOurData(data) ? Identity.Ours : whoElse;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            return whoElse;
        }
        catch (NpgsqlException)
        {
            return Identity.Unknown;
        }
    }

    private bool IsOurData(string directory) => string.Equals(
        Path.GetFullPath(directory),
        Path.GetFullPath(state.Data),
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
