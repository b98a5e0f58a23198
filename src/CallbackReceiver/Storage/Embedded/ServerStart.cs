using System.Diagnostics;
using Npgsql;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// Brings the server up from whatever the last run left in the folder, which may take minutes: fetches programs, makes the data folder, waits for
/// the last run's server, recovers. What a try has done the next one does not do again.
/// </summary>
internal sealed class ServerStart(
    PostgresBinaries binaries, PostgresInstallation? found, StateDirectory state, ServerAccount account, ReservedPort port, ServerAddress address,
    EmbeddedPostgresOptions options, StartStatus status, ILogger logger)
{
    public const string Database = "callback_receiver";

    private PostgresInstallation? installation = found;
    private PostgresProcess? process;
    private bool isDataOurs;
    private bool isAlone;

    /// <summary>Returns once the server takes connections and the database is there.</summary>
    /// <exception cref="EmbeddedPostgresException">It did not come up. Nothing of this try is left running.</exception>
    public async Task<LiveProcess> RunAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        installation ??= await FetchAsync(cancellationToken);
        process ??= new PostgresProcess(installation, state, account, options, status, logger);
        await PrepareDataAsync(installation, process, cancellationToken);
        logger.Starting(installation.Major, state.Data);
        var server = await process.StartAsync(port, cancellationToken);
        try
        {
            await CreateDatabaseAsync(cancellationToken);
        }
        catch
        {
            await process.StopAtOnceAsync(server);
            throw;
        }

        logger.Started(installation.Major, installation.BinDirectory, state.Data, address.Port, server.Id, Stopwatch.GetElapsedTime(began).TotalSeconds);
        return server;
    }

    /// <summary>Stops the server, in order within the limit.</summary>
    /// <param name="server">The server; null where it has not come up: then what has been started of it is stopped.</param>
    /// <param name="limit">For stopping in order.</param>
    public async Task StopAsync(LiveProcess? server, TimeSpan limit)
    {
        if (process is null)
            return;
        if (server is null)
            await process.StopUnfinishedAsync(mustBeProven: !isAlone);
        else
            await process.StopAsync(server, limit);
    }

    private Task<PostgresInstallation> FetchAsync(CancellationToken cancellationToken)
    {
        status.Enter("PostgreSQL's programs are being fetched");
        return binaries.FetchAsync(cancellationToken);
    }

    private async Task PrepareDataAsync(PostgresInstallation programs, PostgresProcess server, CancellationToken cancellationToken)
    {
        if (state.DataMajor is null)
        {
            status.Enter("PostgreSQL's data folder is being made");
            await new DatabaseFiles(programs, state, account, logger).CreateAsync(address.Password, cancellationToken);
        }

        isAlone = false;
        await new PreviousServer(server, state, address.Password, options.StartupTimeout, status, logger).RetireAsync(cancellationToken);
        isAlone = true;
        if (isDataOurs)
            return;
        await account.GiveAsync(state.Data, cancellationToken); // an earlier run may have used another user
        isDataOurs = true;
    }

    private async Task CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var connection = await address.ConnectAsync(cancellationToken);
        await using var known = new NpgsqlCommand($"SELECT 1 FROM pg_database WHERE datname = '{Database}'", connection);
        if (await known.ExecuteScalarAsync(cancellationToken) is not null)
            return;
        await using var create = new NpgsqlCommand($"CREATE DATABASE {Database}", connection);
        await create.ExecuteNonQueryAsync(cancellationToken);
    }
}
