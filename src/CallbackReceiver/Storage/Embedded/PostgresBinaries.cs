using MysticMind.PostgresEmbed;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>Finds PostgreSQL's programs on this machine, or fetches them.</summary>
internal sealed class PostgresBinaries(EmbeddedPostgresOptions options, StateDirectory state, ServerAccount account, bool mayFetch, ILogger logger)
{
    private readonly List<string> passedOver = [];
    private readonly string? configured = string.IsNullOrWhiteSpace(options.BinDirectory) ? null : Path.GetFullPath(options.BinDirectory);

    /// <summary>The first that fits: of the data's major version where there is data, else any new enough.</summary>
    /// <returns>Null where none fits, and <see cref="FetchAsync"/> may fetch them.</returns>
    /// <exception cref="EmbeddedPostgresException">None fits and none may be fetched.</exception>
    public async Task<PostgresInstallation?> FindAsync(CancellationToken cancellationToken)
    {
        foreach (var directory in Candidates().Distinct())
        {
            var found = await PostgresInstallation.ProbeAsync(directory, account, cancellationToken);
            if (found is null)
            {
                RequireNotConfigured(directory);
                continue;
            }

            if (Fits(found))
                return found;
            passedOver.Add($"{found.Major} in {directory}");
            logger.PassedOver(directory, found.Major);
        }

        return mayFetch ? null : throw NoneFits("for root they are not fetched", null);
    }

    private IEnumerable<string> Candidates()
    {
        if (configured is not null)
            yield return configured;
        foreach (var directory in options.SearchDirectories ?? SearchDirectories.OfThisMachine())
            yield return directory;
        foreach (var directory in Fetched())
            yield return directory;
    }

    private IEnumerable<string> Fetched() =>
        Directory.Exists(state.Binaries)
            ? Directory.EnumerateDirectories(state.Binaries, "postgres-*").OrderDescending().Select(folder => Path.Combine(folder, "bin"))
            : [];

    private bool Fits(PostgresInstallation found) =>
        state.DataMajor is { } major ? found.Major == major : found.Major >= EmbeddedPostgresOptions.OldestMajor;

    /// <summary>A folder somebody named is a promise; to look elsewhere in silence would hide the slip.</summary>
    private void RequireNotConfigured(string directory)
    {
        if (directory != configured)
            return;
        var runner = account.UserName is { } user ? $" that the user {user} can run" : "";
        throw new EmbeddedPostgresException(
            $"{EmbeddedPostgresOptions.Section}:BinDirectory is {directory}, which does not hold postgres, initdb and pg_ctl{runner}. " +
            "Set it to the folder that does, or leave it out.");
    }

    /// <summary>Fetches them, which may take minutes.</summary>
    /// <exception cref="EmbeddedPostgresException">They cannot be fetched, or do not run here.</exception>
    public async Task<PostgresInstallation> FetchAsync(CancellationToken cancellationToken)
    {
        var version = state.DataMajor is { } major ? $"{major}" : options.Version;
        logger.Fetching(version, state.Binaries);
        try
        {
            // A network that swallows packets should not hold the start for minutes; a slow one may take its time.
            using var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10) };
            using var http = new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(10) };
            var fetcher = new PgServer(new PgServerOptions
            {
                PgVersion = version,
                DbDir = state.Path,
                BinariesDir = state.Binaries,
                MavenRepo = options.MavenRepository?.TrimEnd('/') ?? PgServerOptions.DefaultMavenRepo,
                HttpClient = http,
                Logger = logger,
            });
            await fetcher.InstallAsync(cancellationToken);
            var fetched = await PostgresInstallation.ProbeAsync(Path.Combine(fetcher.InstallDir, "bin"), account, cancellationToken);
            return fetched is not null && Fits(fetched)
                ? fetched
                : throw NoneFits($"those fetched into {fetcher.InstallDir} do not run here or are of another version", null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not EmbeddedPostgresException)
        {
            throw NoneFits($"they could not be fetched ({exception.Message})", exception);
        }
    }

    private EmbeddedPostgresException NoneFits(string whyNotFetched, Exception? cause)
    {
        var seen = passedOver.Count == 0 ? "" : $" (there is PostgreSQL {string.Join(", ", passedOver)})";
        var message = state.DataMajor is { } major
            ? $"The data in {state.Data} was made by PostgreSQL {major}, whose programs are not on this machine{seen}, and {whyNotFetched}. " +
              $"Install PostgreSQL {major} (`apt-get install postgresql-{major}`, `brew install postgresql@{major}`); " +
              $"set {EmbeddedPostgresOptions.Section}:BinDirectory to the folder of its programs; bring the data to the installed version with pg_upgrade; "
            : $"PostgreSQL's programs are not on this machine{seen}, and {whyNotFetched}. " +
              $"Install PostgreSQL {EmbeddedPostgresOptions.OldestMajor} or later (`apt-get install postgresql`, `brew install postgresql`); " +
              $"run the service with `docker compose up`; set {EmbeddedPostgresOptions.Section}:BinDirectory to the folder of postgres, initdb and pg_ctl; ";
        message += $"or {EmbeddedPostgresException.UseAnother}.";
        return cause is null ? new EmbeddedPostgresException(message) : new EmbeddedPostgresException(message, cause);
    }
}
