using Npgsql;

namespace CallbackReceiver.Benchmarks.Servers;

/// <summary>A fresh database for one run, dropped after it; or one that stays.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    /// <summary>There on every server, for those who have no other yet.</summary>
    private const string MaintenanceDatabase = "postgres";

    private readonly string serverConnectionString;
    private readonly string name;
    private readonly bool stays;

    private BenchmarkDatabase(string serverConnectionString, string name, bool stays = false)
    {
        this.serverConnectionString = serverConnectionString;
        this.name = name;
        this.stays = stays;
    }

    /// <summary>For the service and the baselines: pooled, as is Npgsql's default.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(serverConnectionString) { Database = name, Pooling = true }.ConnectionString;

    /// <summary>A database that stays for later runs; it is made if it is not there.</summary>
    /// <param name="connectionString">Of the database, with its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<BenchmarkDatabase> KeepAsync(string connectionString, CancellationToken cancellationToken)
    {
        var database = new BenchmarkDatabase(connectionString, new NpgsqlConnectionStringBuilder(connectionString).Database!, stays: true);
        try
        {
            await (await database.OpenAsync(cancellationToken)).DisposeAsync();
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Database = MaintenanceDatabase }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await connection.ExecuteAsync($"CREATE DATABASE {new NpgsqlCommandBuilder().QuoteIdentifier(database.name)} TEMPLATE template0 ENCODING 'UTF8'", cancellationToken);
        }

        return database;
    }

    /// <param name="serverConnectionString">The server.</param>
    /// <param name="template">What it is a copy of, with nobody connected to it; null for an empty one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<BenchmarkDatabase> CreateAsync(string serverConnectionString, BenchmarkDatabase? template, CancellationToken cancellationToken)
    {
        var database = new BenchmarkDatabase(serverConnectionString, $"callback_receiver_benchmark_{Guid.NewGuid():N}");

        // Of files rather than of pages through the log, which would make every copy a load of its own.
        var origin = template is null ? "template0 ENCODING 'UTF8'" : $"{template.name} STRATEGY file_copy";
        await database.ExecuteAsync($"CREATE DATABASE {database.name} TEMPLATE {origin}", cancellationToken);
        return database;
    }

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(serverConnectionString) { Database = name }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (!stays)
            await ExecuteAsync($"DROP DATABASE {name} WITH (FORCE)", CancellationToken.None);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(serverConnectionString);
        await connection.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(sql, cancellationToken);
    }
}
