using CallbackReceiver.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Servers;

/// <summary>The PostgreSQL that is measured: the one of <see cref="Variable"/>, else a private one with a fresh folder.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    public const string Variable = "CALLBACK_RECEIVER_TEST_POSTGRES";

    // Room for the pools of the baselines, which take up to Npgsql's default of 100 connections.
    private const string PrivateMaxConnections = "200";

    private readonly string connectionString;
    private readonly EmbeddedPostgres? owned;
    private readonly string? folder;

    private PostgresServer(string connectionString, EmbeddedPostgres? owned = null, string? folder = null)
    {
        this.connectionString = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
        this.owned = owned;
        this.folder = folder;
    }

    /// <summary>The server of a database.</summary>
    public static PostgresServer Of(string connectionString) => new(connectionString);

    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="parameters">Settings of a private server.</param>
    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? parameters = null)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured)
            return new PostgresServer(configured);
        var folder = Path.Combine(DiskFolder, $"callback-receiver-benchmark-{Guid.NewGuid():N}");
        var options = new EmbeddedPostgresOptions { Directory = folder, Parameters = new Dictionary<string, string>(parameters ?? new Dictionary<string, string>()) { ["max_connections"] = PrivateMaxConnections } };
        var owned = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, cancellationToken);
        return new PostgresServer(owned.ConnectionString, owned, folder);
    }

    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="template">What it is a copy of; null for an empty one.</param>
    public async Task<BenchmarkDatabase> CreateDatabaseAsync(CancellationToken cancellationToken, BenchmarkDatabase? template = null)
    {
        // The server has written out what earlier runs left, so that none pays for another.
        await using var connection = await OpenAsync(cancellationToken);
        await connection.ExecuteAsync("CHECKPOINT", cancellationToken);
        return await BenchmarkDatabase.CreateAsync(connectionString, template, cancellationToken);
    }

    public async Task<PostgresFacts> ReadFactsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await PostgresFacts.ReadAsync(connection, owned is null ? "given" : "a private one, started for the run", cancellationToken);
    }

    /// <returns>The folder of the server's programs, as the server says; it may be on another machine.</returns>
    public async Task<string> ReadProgramFolderAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await connection.ScalarAsync<string>("SELECT setting FROM pg_config WHERE name = 'BINDIR'", cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (owned is null)
            return;
        await owned.DisposeAsync();
        Directory.Delete(folder!, recursive: true);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>The folder for temporary files may be in memory, where fsync costs nothing; /var/tmp never is (file-hierarchy(7)).</summary>
    private static string DiskFolder => Directory.Exists("/var/tmp") ? "/var/tmp" : Path.GetTempPath();
}
