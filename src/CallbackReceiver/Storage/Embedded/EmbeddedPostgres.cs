using Npgsql;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// A PostgreSQL of the service's own, started and stopped with it: found on this machine or fetched, its data under a
/// state folder, reachable from this machine only, with a password that only the service's user can read.
/// </summary>
internal sealed class EmbeddedPostgres : IAsyncDisposable
{
    private const string Database = "callback_receiver";
    private const int PortsToTry = 10;

    private readonly StateDirectory state;
    private readonly Supervisor supervisor;
    private int disposed;

    private EmbeddedPostgres(StateDirectory state, Supervisor supervisor, string connectionString)
    {
        this.state = state;
        this.supervisor = supervisor;
        ConnectionString = connectionString;
    }

    /// <summary>Good until this is disposed: a server that ends by itself is started again on the same port.</summary>
    public string ConnectionString { get; }

    public string DataDirectory => state.Data;

    /// <summary>Returns once the server takes connections and the database is there. Where it fails, nothing is left running.</summary>
    /// <exception cref="EmbeddedPostgresException">It cannot run; the message says why and names the ways out.</exception>
    public static Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken) =>
        StartAsync(options, StartConditions.Current, logger, cancellationToken);

    /// <inheritdoc cref="StartAsync(EmbeddedPostgresOptions, ILogger, CancellationToken)"/>
    internal static async Task<EmbeddedPostgres> StartAsync(
        EmbeddedPostgresOptions options, StartConditions conditions, ILogger logger, CancellationToken cancellationToken)
    {
        var state = StateDirectory.Open(options.Directory);
        try
        {
            return await StartAsync(state, options, conditions, logger, cancellationToken);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        await supervisor.DisposeAsync();
        // Last: the folder must not be another's while the server still stops.
        state.Dispose();
    }

    private static async Task<EmbeddedPostgres> StartAsync(
        StateDirectory state, EmbeddedPostgresOptions options, StartConditions conditions, ILogger logger, CancellationToken cancellationToken)
    {
        var account = await ServerAccount.ChooseAsync(cancellationToken);
        if (account.UserName is { } user)
            logger.RunsAs(user);
        await account.RequireWayToAsync(state.Path, cancellationToken);
        var installation = await new PostgresBinaries(options, state, account, conditions.MayFetch, logger).GetAsync(cancellationToken);
        var password = state.Password();
        var process = new PostgresProcess(installation, state, account, options, logger);
        var previous = new PreviousServer(process, state, password, options.StartupTimeout, logger);
        if (state.DataMajor is null)
            await new DatabaseFiles(installation, state, account, logger).CreateAsync(password, cancellationToken);
        else
            await previous.RetireAsync(cancellationToken);
        // An earlier run may have used another user.
        await account.GiveAsync(state.Data, cancellationToken);

        var (server, address) = await StartOnFreePortAsync(process, password, conditions.ChoosePort, logger, cancellationToken);
        try
        {
            await CreateDatabaseAsync(address, cancellationToken);
            logger.Started(installation.Major, installation.BinDirectory, state.Data, address.Port, server.Id);
            return new EmbeddedPostgres(state, new Supervisor(process, previous, server, address.Port, logger), address.ConnectionString(Database));
        }
        catch
        {
            await process.StopAsync(server);
            throw;
        }
    }

    /// <summary>A free port can be taken between the choice and the use, so the use decides.</summary>
    private static async Task<(LiveProcess Server, ServerAddress Address)> StartOnFreePortAsync(
        PostgresProcess process, string password, Func<int> choosePort, ILogger logger, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < PortsToTry; tries++)
        {
            var port = choosePort();
            if (await process.StartAsync(port, cancellationToken) is { } server)
                return (server, new ServerAddress(port, password));
            logger.PortTaken(port);
        }

        throw new EmbeddedPostgresException($"PostgreSQL found no free TCP port on {ServerAddress.Listen} in {PortsToTry} tries.");
    }

    private static async Task CreateDatabaseAsync(ServerAddress address, CancellationToken cancellationToken)
    {
        await using var connection = await address.ConnectAsync(cancellationToken);
        await using var known = new NpgsqlCommand($"SELECT 1 FROM pg_database WHERE datname = '{Database}'", connection);
        if (await known.ExecuteScalarAsync(cancellationToken) is not null)
            return;
        await using var create = new NpgsqlCommand($"CREATE DATABASE {Database}", connection);
        await create.ExecuteNonQueryAsync(cancellationToken);
    }
}
