using CallbackReceiver.Tests.Infrastructure;
using Npgsql;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>A PostgreSQL that answers, and does not store. Whatever its reason, callbacks are spooled, and stored by themselves once it does.</summary>
public sealed class OutageTests(Receiver receiver) : IClassFixture<Receiver>, IDisposable
{
    private const string EndSessions =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'callback-receiver'";

    private readonly string directory = Path.Combine(Path.GetTempPath(), $"callback-receiver-spool-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Read_only_after_a_failover()
    {
        await using var service = await StartAsync(receiver.ConnectionString);
        var database = await receiver.ScalarAsync<string>("SELECT current_database()::text");

        // What ends the outage reaches new sessions only, as a failover does: the service must not stay with those it has.
        await AssertSpooledAndStoredLaterAsync(
            service,
            $"ALTER DATABASE {database} SET default_transaction_read_only = on; {EndSessions}",
            $"SET default_transaction_read_only = off; ALTER DATABASE {database} RESET default_transaction_read_only");
    }

    [Fact]
    public async Task Too_many_connections()
    {
        var role = $"callback_receiver_few_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'few'; GRANT ALL ON SCHEMA public TO {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}");
        await using (var service = await StartAsync(new NpgsqlConnectionStringBuilder(receiver.ConnectionString) { Username = role, Password = "few" }.ConnectionString))
            await AssertSpooledAndStoredLaterAsync(service, $"ALTER ROLE {role} CONNECTION LIMIT 0; {EndSessions} AND usename = '{role}'", $"ALTER ROLE {role} CONNECTION LIMIT -1");
        await ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    /// <summary>Raised by a trigger of the test's, as the server itself raises them.</summary>
    [Theory]
    [InlineData("53100")] // disk full
    [InlineData("53200")] // out of memory
    [InlineData("57P03")] // cannot connect now
    [InlineData("58030")] // I/O error
    public async Task Server_without_resources(string sqlState)
    {
        await using var service = await StartAsync(receiver.ConnectionString);
        await AssertSpooledAndStoredLaterAsync(
            service,
            $"""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION USING ERRCODE = ''{sqlState}''; END';
            CREATE TRIGGER fail BEFORE INSERT ON deliveries EXECUTE FUNCTION fail()
            """,
            "DROP TRIGGER fail ON deliveries; DROP FUNCTION fail");
    }

    [Fact]
    public async Task Sessions_that_an_administrator_ends_cost_no_callback()
    {
        await using var service = await StartAsync(receiver.ConnectionString);
        for (var i = 0; i < 5; i++)
        {
            await receiver.QueryAsync(EndSessions);
            Assert.Equal("stored", (await service.PostAsync("demo", new CallbackBuilder().Build())).Outcome);
        }
    }

    private async Task AssertSpooledAndStoredLaterAsync(ReceiverProcess service, string breaking, string mending)
    {
        Assert.Equal("stored", (await service.PostAsync("demo", new CallbackBuilder().Build())).Outcome);
        await ExecuteAsync(breaking);
        var bodies = Enumerable.Range(0, 3).Select(_ => new CallbackBuilder().Build()).ToList();
        var answers = new List<Answer>();
        foreach (var body in bodies)
            answers.Add(await service.PostAsync("demo", body));

        await ExecuteAsync(mending);

        Assert.All(answers, answer => Assert.Equal((202, "spooled"), (answer.Status, answer.Outcome)));
        await service.UntilSpoolIsEmptyAsync();
        foreach (var (body, answer) in bodies.Zip(answers))
        {
            var row = Assert.Single(await receiver.QueryAsync("SELECT delivery_id, outcome, duplicates FROM deliveries WHERE body_sha256 = sha256($1)", body));
            Assert.Equal((answer.DeliveryId, "stored", 0), ((Guid)row[0]!, (string)row[1]!, (int)row[2]!));
        }

        await Eventually.HoldsAsync(async () => (await service.PostAsync("demo", new CallbackBuilder().Build())).Outcome == "stored");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await receiver.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private Task<ReceiverProcess> StartAsync(string connectionString) =>
        receiver.StartAsync(("ConnectionStrings:CallbackReceiver", connectionString), ("Spool:Directory", directory));
}
