using CallbackReceiver.Storage;
using CallbackReceiver.Storage.Embedded;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Testcontainers.PostgreSql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>
/// The one PostgreSQL server of a test run, started by the first test that needs it: the one that
/// <c>CALLBACK_RECEIVER_TEST_POSTGRES</c> names, else a container where a Docker engine answers, else the service's embedded one.
/// <c>CALLBACK_RECEIVER_TEST_DATABASE</c> set to <c>testcontainers</c> or <c>embedded</c> forces the choice.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>So long may a statement of the tests' own take, in seconds: filling 100,000 rows on a busy machine is longer than Npgsql's 30.</summary>
    public const int CommandSeconds = 120;

    private const string Image = "postgres:17";
    private const string ServerVariable = "CALLBACK_RECEIVER_TEST_POSTGRES";
    private const string ChoiceVariable = "CALLBACK_RECEIVER_TEST_DATABASE";

    /// <summary>What a test's server need not do is survive a power cut.</summary>
    private static readonly Dictionary<string, string> Parameters = new()
    {
        ["fsync"] = "off",
        ["full_page_writes"] = "off",
        ["max_connections"] = "300",
    };

    private readonly Lazy<Task<Running>> running = new(StartAsync);
    private readonly Lazy<Task<string>> template;
    private readonly string prefix = $"callback_receiver_test_{Guid.NewGuid():N}_";
    private int databases;

    public PostgresServer() => template = new(CreateTemplateAsync);

    /// <summary>Creates a database with the service's schema.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        if (CitusCluster.Find((await running.Value).ConnectionString) is not { } cluster)
            return await CreateAsync($" TEMPLATE {await template.Value}");
        var connectionString = await CreateAsync("");
        await MigrateAsync(connectionString);
        await cluster.DistributeAsync(NameOf(connectionString));
        return connectionString;
    }

    /// <summary>Creates a database with nothing in it.</summary>
    public Task<string> CreateEmptyDatabaseAsync() => CreateAsync("");

    public async Task DropDatabaseAsync(string connectionString)
    {
        NpgsqlConnection.ClearPool(new NpgsqlConnection(connectionString));
        if (CitusCluster.Find(connectionString) is { } cluster)
            await cluster.DropDatabaseAsync(NameOf(connectionString));
        else
            await ExecuteAsync($"DROP DATABASE IF EXISTS {NameOf(connectionString)} WITH (FORCE)");
    }

    public async ValueTask DisposeAsync()
    {
        if (running is not { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            return;
        if (template is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await ExecuteAsync($"DROP DATABASE IF EXISTS {await template.Value} WITH (FORCE)");
        await (await running.Value).Stop();
    }

    private async Task<string> CreateTemplateAsync()
    {
        var connectionString = await CreateAsync("");
        await MigrateAsync(connectionString);
        return NameOf(connectionString);
    }

    private static async Task MigrateAsync(string connectionString)
    {
        var options = new DbContextOptionsBuilder<ReceiverDbContext>();
        StorageSetup.Configure(options.UseNpgsql(connectionString));
        await using var context = new ReceiverDbContext(options.Options);
        await context.Database.MigrateAsync();
        NpgsqlConnection.ClearPool(new NpgsqlConnection(connectionString)); // a template is copied only while nobody is connected to it
    }

    private static string NameOf(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Database!;

    private async Task<string> CreateAsync(string suffix)
    {
        var name = prefix + Interlocked.Increment(ref databases);
        if (CitusCluster.Find((await running.Value).ConnectionString) is { } cluster)
            await cluster.CreateDatabaseAsync(name);
        else
            await ExecuteAsync($"CREATE DATABASE {name}{suffix}");
        return new NpgsqlConnectionStringBuilder((await running.Value).ConnectionString) { Database = name }.ConnectionString;
    }

    private async Task ExecuteAsync(string sql)
    {
        var unpooled = new NpgsqlConnectionStringBuilder((await running.Value).ConnectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = CommandSeconds };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<Running> StartAsync()
    {
        if (Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } connectionString)
            return new Running(connectionString, () => ValueTask.CompletedTask);
        return Environment.GetEnvironmentVariable(ChoiceVariable) switch
        {
            "testcontainers" => await StartContainerAsync(),
            "embedded" => await StartEmbeddedAsync(),
            null or "" => await TryStartContainerAsync() ?? await StartEmbeddedAsync(),
            var other => throw new InvalidOperationException($"{ChoiceVariable} is 'testcontainers', 'embedded' or unset, not '{other}'."),
        };
    }

    private static async Task<Running?> TryStartContainerAsync()
    {
        try
        {
            return await StartContainerAsync();
        }
        catch (Exception exception)
        {
            TestContext.Current.SendDiagnosticMessage("PostgreSQL cannot be started in a container, so the tests take the embedded one: " + exception.Message);
            return null;
        }
    }

    private static async Task<Running> StartContainerAsync()
    {
        var container = new PostgreSqlBuilder(Image)
            .WithCommand([.. Parameters.SelectMany(parameter => new[] { "-c", $"{parameter.Key}={parameter.Value}" })])
            .Build();
        try
        {
            await container.StartAsync();
            return new Running(container.GetConnectionString(), container.DisposeAsync);
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    private static async Task<Running> StartEmbeddedAsync()
    {
        var directory = Path.Combine(Path.GetTempPath(), $"callback-receiver-tests-{Guid.NewGuid():N}");
        var options = new EmbeddedPostgresOptions { Directory = directory, Parameters = Parameters };
        var postgres = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None);
        return new Running(postgres.ConnectionString, async () =>
        {
            await postgres.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        });
    }

    private sealed record Running(string ConnectionString, Func<ValueTask> Stop);
}
