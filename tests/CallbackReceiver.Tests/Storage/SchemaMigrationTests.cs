using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace CallbackReceiver.Tests.Storage;

[Trait("Category", "Storage")]
public sealed class SchemaMigrationTests(PostgresServer server)
{
    [Fact]
    public async Task Four_services_that_start_at_once_on_an_empty_database_migrate_it_once_and_all_store()
    {
        var connectionString = await server.CreateEmptyDatabaseAsync();
        var hosts = new List<ReceiverHost>();
        try
        {
            hosts.AddRange(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReceiverHost.StartAsync(connectionString)))));
            foreach (var host in hosts)
            {
                Assert.Equal("stored", (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo)).Outcome);
                Assert.Empty(host.Logs.Lines);
            }

            await using var context = new ReceiverDbContext(new DbContextOptionsBuilder<ReceiverDbContext>().UseNpgsql(connectionString).Options);
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand("""SELECT migration_id FROM "__EFMigrationsHistory" ORDER BY migration_id""", connection);
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            var applied = new List<string>();
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                applied.Add(reader.GetString(0));
            Assert.NotEmpty(applied);
            Assert.Equal(context.Database.GetMigrations(), applied);
        }
        finally
        {
            foreach (var host in hosts)
                await host.DisposeAsync();
            await server.DropDatabaseAsync(connectionString);
        }
    }

    [Theory]
    [InlineData(Migration.InitialDatabase, "spooled")]
    [InlineData("FactsByTraits", "spooled")]
    public async Task Receiving_waits_for_no_migration_of_another(string migratedTo, string outcome)
    {
        var connectionString = await CreateDatabaseAsync(migratedTo);
        var spool = Directory.CreateTempSubdirectory("callback-receiver-migration-");
        await using (var migrating = new NpgsqlConnection(connectionString))
        {
            await migrating.OpenAsync(TestContext.Current.CancellationToken);
            await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock(x'63616C6C6261636B'::bigint)", migrating);
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await using var service = await ReceiverProcess.StartAsync(
                new Dictionary<string, string>(Keys.Settings) { ["ConnectionStrings:CallbackReceiver"] = connectionString, ["Spool:Directory"] = spool.FullName }, untilReady: false);

            var body = new CallbackBuilder().Build();
            Assert.Equal(outcome, (await service.PostAsync("demo", body)).Outcome);
            await Eventually.HoldsAsync(async () => (await service.GetAsync("/healthz/ready", apiKey: null)).Status == 503, "the service is not ready");

            await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", migrating);
            await release.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await Eventually.HoldsAsync(async () => (await service.GetAsync("/healthz/ready", apiKey: null)).Status == 200);
            await service.UntilSpoolIsEmptyAsync();
            Assert.Equal("duplicate", (await service.PostAsync("demo", body)).Outcome);
        }

        spool.Delete(recursive: true);
        await server.DropDatabaseAsync(connectionString);
    }

    [Fact]
    public void The_migrations_make_what_the_entities_are()
    {
        var options = new DbContextOptionsBuilder<ReceiverDbContext>();
        StorageSetup.Configure(options.UseNpgsql("Host=nowhere"));
        using var context = new ReceiverDbContext(options.Options);
        Assert.False(context.Database.HasPendingModelChanges());
        Assert.Equal(SchemaMigration.Newest, context.Database.GetMigrations().Last());
    }

    [Fact]
    public async Task Service_whose_schema_is_there_waits_for_nobody()
    {
        var connectionString = await server.CreateDatabaseAsync();
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var take = new NpgsqlCommand("SELECT pg_advisory_lock(x'63616C6C6261636B'::bigint)", connection);
            await take.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await using var host = await ReceiverHost.StartAsync(connectionString);
            Assert.Equal("stored", (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo)).Outcome);
        }

        await server.DropDatabaseAsync(connectionString);
    }

    [Fact]
    public async Task Migration_that_takes_longer_than_a_statement_otherwise_may_is_not_broken_off()
    {
        var connectionString = await CreateDatabaseAsync("InitialSchema");
        await using (var holding = new NpgsqlConnection(connectionString))
        {
            await holding.OpenAsync(TestContext.Current.CancellationToken);
            await using var hold = new NpgsqlCommand("BEGIN; LOCK TABLE meetings IN ACCESS EXCLUSIVE MODE", holding);
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            var starting = ReceiverHost.StartAsync(connectionString + ";Command Timeout=1");

            await using var other = NpgsqlDataSource.Create(connectionString);
            await using var look = other.CreateCommand("""
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO changes%' AND now() - query_start > '2 s'
                """);
            await Eventually.HoldsAsync(
                async () => (long)(await look.ExecuteScalarAsync(TestContext.Current.CancellationToken))! == 1,
                "the migration waits for longer than its connection's time limit");

            await using var release = new NpgsqlCommand("ROLLBACK", holding);
            await release.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await using var host = await starting;
            Assert.Equal("stored", (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo)).Outcome);
        }

        await server.DropDatabaseAsync(connectionString);
    }

    [Fact]
    public async Task Service_waits_for_the_lock_of_another_that_migrates()
    {
        var connectionString = await server.CreateEmptyDatabaseAsync();
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync("SELECT pg_advisory_lock(x'63616C6C6261636B'::bigint)");
        await using (var host = await ReceiverHost.StartAsync(connectionString, new ReceiverSettings { WaitUntilReady = false }))
        {
            await Eventually.HoldsAsync(async () => await ExecuteAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query = 'ROLLBACK'") is 1L, "the service has tried to take the lock");
            await Eventually.HoldsAsync(async () => !await host.Client.IsReadyAsync(), "the service is not ready");
            Assert.Equal(0L, await ExecuteAsync("SELECT count(*) FROM pg_tables WHERE tablename = 'deliveries'"));
            await ExecuteAsync("SELECT pg_advisory_unlock_all()");
            await Eventually.HoldsAsync(host.Client.IsReadyAsync, "the service is ready");
        }

        await server.DropDatabaseAsync(connectionString);

        async Task<object?> ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> CreateDatabaseAsync(string migratedTo)
    {
        var connectionString = await server.CreateEmptyDatabaseAsync();
        var options = new DbContextOptionsBuilder<ReceiverDbContext>();
        StorageSetup.Configure(options.UseNpgsql(connectionString));
        await using var context = new ReceiverDbContext(options.Options);
        await context.GetService<IMigrator>().MigrateAsync(migratedTo, TestContext.Current.CancellationToken);
        return connectionString;
    }
}
