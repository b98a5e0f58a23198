using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CallbackReceiver.Tests.Storage;

/// <summary>A database that cannot hold every text is refused by name, and nothing is written to it.</summary>
public sealed class UnfitDatabaseTests(PostgresServer server)
{
    [Theory]
    [InlineData("LATIN1")]
    [InlineData("SQL_ASCII")]
    public async Task One_that_is_met_at_the_start_ends_it_and_says_how_to_mend_it(string encoding)
    {
        await using var database = await UnfitDatabase.CreateAsync(server, encoding);

        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(SettingsOf(database.ConnectionString));

        Assert.Equal(1, exitCode);
        Assert.Contains($"The database \"{database.Name}\" has the encoding {encoding}", log, StringComparison.Ordinal);
        Assert.Contains($"CREATE DATABASE \"{database.Name}\" ENCODING 'UTF8' TEMPLATE template0", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal); // no stack trace
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_is_met_later_is_written_to_by_nobody_and_callbacks_are_spooled(bool withSchema)
    {
        await using var database = await UnfitDatabase.CreateAsync(server, "LATIN1");
        if (withSchema)
            await database.MigrateAsync();
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        proxy.Cut();
        await using var service = await ReceiverProcess.StartAsync(SettingsOf(connectionString), untilReady: false);
        proxy.Mend();

        await Eventually.HoldsAsync(async () => (await service.GetAsync("/healthz/ready", apiKey: null)).Body.Contains("has the encoding LATIN1", StringComparison.Ordinal), "readiness says why");
        Assert.Equal(503, (await service.GetAsync("/healthz/ready", apiKey: null)).Status);
        foreach (var title in new List<string> { "plain", "補件" })
            Assert.Equal((202, "spooled"), Of(await service.PostAsync("demo", new CallbackBuilder { Title = title }.Build())));
        Assert.Equal(503, (await service.GetAsync("/api/v1/workspaces/demo/meetings")).Status);
        Assert.Contains("ENCODING 'UTF8'", service.Log, StringComparison.Ordinal);
        Assert.Equal(0, await database.RowsAsync());

        static (int, string?) Of(Answer answer) => (answer.Status, answer.Outcome);
    }

    private static Dictionary<string, string> SettingsOf(string connectionString) => new(Keys.Settings)
    {
        ["ConnectionStrings:CallbackReceiver"] = connectionString,
        ["Spool:Directory"] = Path.Combine(Path.GetTempPath(), $"callback-receiver-spool-{Guid.NewGuid():N}"),
    };

    private sealed class UnfitDatabase(PostgresServer server, string around, string name) : IAsyncDisposable
    {
        public string Name => name;

        public string ConnectionString => new NpgsqlConnectionStringBuilder(around) { Database = name }.ConnectionString;

        public static async Task<UnfitDatabase> CreateAsync(PostgresServer server, string encoding)
        {
            var around = await server.CreateEmptyDatabaseAsync();
            var name = $"unfit_{Guid.NewGuid():N}";
            await ExecuteAsync(around, $"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
            return new UnfitDatabase(server, around, name);
        }

        public async Task MigrateAsync()
        {
            var options = new DbContextOptionsBuilder<ReceiverDbContext>();
            StorageSetup.Configure(options.UseNpgsql(ConnectionString));
            await using var context = new ReceiverDbContext(options.Options);
            await context.Database.MigrateAsync(TestContext.Current.CancellationToken);
        }

        /// <summary>Rows of deliveries; none where there is not even the table.</summary>
        public async Task<long> RowsAsync() =>
            await ExecuteAsync(ConnectionString, "SELECT to_regclass('deliveries') IS NULL") is true ? 0 : (long)(await ExecuteAsync(ConnectionString, "SELECT count(*) FROM deliveries"))!;

        public async ValueTask DisposeAsync()
        {
            await ExecuteAsync(around, $"DROP DATABASE {name} WITH (FORCE)");
            await server.DropDatabaseAsync(around);
        }

        private static async Task<object?> ExecuteAsync(string connectionString, string sql)
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        }
    }
}
