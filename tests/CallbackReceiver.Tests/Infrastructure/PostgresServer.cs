using CallbackReceiver.Storage.Embedded;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Testcontainers.PostgreSql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>
/// The one PostgreSQL of a test run: that of a connection string in the environment, else one in a container where a Docker engine
/// answers, else the embedded one that the service itself would start.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string ConnectionStringVariable = "CALLBACK_RECEIVER_TEST_POSTGRES";

    /// <summary><c>testcontainers</c> or <c>embedded</c>: no other is tried.</summary>
    private const string ChoiceVariable = "CALLBACK_RECEIVER_TEST_DATABASE";

    private readonly string stateFolder = Path.Combine(Path.GetTempPath(), $"callback-receiver-tests-{Guid.NewGuid():N}");
    private IAsyncDisposable? server;
    private string connectionString = "";

    public async ValueTask InitializeAsync()
    {
        var given = Environment.GetEnvironmentVariable(ConnectionStringVariable);
        var choice = Environment.GetEnvironmentVariable(ChoiceVariable);
        connectionString = (given, choice) switch
        {
            ({ Length: > 0 }, _) => given,
            (_, "testcontainers") => await StartContainerAsync(),
            (_, "embedded") => await StartEmbeddedAsync(),
            _ => await TryStartContainerAsync() ?? await StartEmbeddedAsync(),
        };
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (server is not null)
            await server.DisposeAsync();
        if (Directory.Exists(stateFolder))
            Directory.Delete(stateFolder, recursive: true);
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>The connection string to it.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(connectionString) { Database = name }.ConnectionString;
    }

    public async Task DropDatabaseAsync(string database)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var drop = new NpgsqlCommand(
            $"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(database).Database} WITH (FORCE)", connection);
        await drop.ExecuteNonQueryAsync();
    }

    private async Task<string?> TryStartContainerAsync()
    {
        try
        {
            return await StartContainerAsync();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            TestContext.Current.SendDiagnosticMessage($"No PostgreSQL in a container ({exception.Message}); taking the embedded one.");
            return null;
        }
    }

    private async Task<string> StartContainerAsync()
    {
        var container = new PostgreSqlBuilder("postgres:17").Build();
        await container.StartAsync();
        server = container;
        return container.GetConnectionString();
    }

    private async Task<string> StartEmbeddedAsync()
    {
        var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { Directory = stateFolder }, NullLogger.Instance, CancellationToken.None);
        server = postgres;
        return postgres.ConnectionString;
    }
}
