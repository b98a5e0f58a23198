namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// A PostgreSQL of the service's own, started and stopped with it: found on this machine or fetched, its data under a
/// state folder, reachable from this machine only, with a password that only the service's user can read.
/// </summary>
/// <remarks>Opening it is quick and tells where it will be; starting it goes on beside the service, which receives meanwhile.</remarks>
internal sealed class EmbeddedPostgres : IAsyncDisposable
{
    private readonly StateDirectory state;
    private readonly ReservedPort port;
    private readonly StartStatus status;
    private readonly Supervisor supervisor;
    private int disposed;

    private EmbeddedPostgres(StateDirectory state, ReservedPort port, StartStatus status, Supervisor supervisor, string connectionString)
    {
        this.state = state;
        this.port = port;
        this.status = status;
        this.supervisor = supervisor;
        ConnectionString = connectionString;
    }

    /// <summary>Known before the server runs, and good until this is disposed: a server that ends by itself is started again on the same port.</summary>
    public string ConnectionString { get; }

    public string DataDirectory => state.Data;

    /// <summary>What keeps the server from taking connections, in words for people; null while it takes them.</summary>
    public string? WaitsFor => status.Text;

    /// <summary>Checks what a person would have to mend, takes the folder and the port, and starts nothing yet.</summary>
    /// <exception cref="EmbeddedPostgresException">It cannot run; the message says why and names the ways out.</exception>
    public static Task<EmbeddedPostgres> OpenAsync(EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken) =>
        OpenAsync(options, StartConditions.Current, logger, cancellationToken);

    /// <inheritdoc cref="OpenAsync(EmbeddedPostgresOptions, ILogger, CancellationToken)"/>
    internal static async Task<EmbeddedPostgres> OpenAsync(
        EmbeddedPostgresOptions options, StartConditions conditions, ILogger logger, CancellationToken cancellationToken)
    {
        var state = StateDirectory.Open(options.Directory);
        try
        {
            return await OpenAsync(state, options, conditions, logger, cancellationToken);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Opens and begins. Returns once the server takes connections and the database is there. Where it fails, nothing is left running.</summary>
    /// <exception cref="EmbeddedPostgresException">It cannot run; the message says why and names the ways out.</exception>
    public static Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken) =>
        StartAsync(options, StartConditions.Current, logger, cancellationToken);

    /// <inheritdoc cref="StartAsync(EmbeddedPostgresOptions, ILogger, CancellationToken)"/>
    internal static async Task<EmbeddedPostgres> StartAsync(
        EmbeddedPostgresOptions options, StartConditions conditions, ILogger logger, CancellationToken cancellationToken)
    {
        var postgres = await OpenAsync(options, conditions, logger, cancellationToken);
        try
        {
            postgres.Begin(givesUp: (_, _) => true);
            await postgres.WhenUpAsync(cancellationToken);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins to start the server, and to start it again when it ends.</summary>
    /// <param name="givesUp">Whether a failure ends the start, by the failure and how many there have been.</param>
    public void Begin(Func<EmbeddedPostgresException, int, bool> givesUp) => supervisor.Begin(givesUp);

    /// <summary>Returns once the server has come up and the database is there.</summary>
    /// <exception cref="EmbeddedPostgresException">The start was given up.</exception>
    public Task WhenUpAsync(CancellationToken cancellationToken) => supervisor.Up.WaitAsync(cancellationToken);

    /// <summary>Says that the service stops. A server that is up stays until this is disposed.</summary>
    public void BeginStop() => supervisor.BeginStop();

    /// <exception cref="EmbeddedPostgresException">The start was given up.</exception>
    public void ThrowIfGivenUp()
    {
        if (supervisor.Up.Exception?.InnerException is EmbeddedPostgresException failure)
            throw failure;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        await supervisor.DisposeAsync();
        port.Dispose();
        // Last: the folder must not be another's while the server still stops.
        state.Dispose();
    }

    private static async Task<EmbeddedPostgres> OpenAsync(
        StateDirectory state, EmbeddedPostgresOptions options, StartConditions conditions, ILogger logger, CancellationToken cancellationToken)
    {
        var account = await ServerAccount.ChooseAsync(cancellationToken);
        if (account.UserName is { } user)
            logger.RunsAs(user);
        await account.RequireWayToAsync(state.Path, cancellationToken);
        ServerSettings.RequireNames(options.Parameters);
        var binaries = new PostgresBinaries(options, state, account, conditions.MayFetch, logger);
        var found = await binaries.FindAsync(cancellationToken);
        var password = state.Password();
        var port = ReservedPort.Take(conditions.ChoosePort, logger);
        var address = new ServerAddress(port.Number, password);
        var status = new StartStatus(TimeProvider.System);
        var start = new ServerStart(binaries, found, state, account, port, address, options, status, logger);
        return new EmbeddedPostgres(state, port, status, new Supervisor(start, port, status, logger), address.ConnectionString(ServerStart.Database));
    }
}
