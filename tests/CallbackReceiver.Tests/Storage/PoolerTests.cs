using CallbackReceiver.Tests.Infrastructure;
using CallbackReceiver.Tests.Meetings;
using Npgsql;

namespace CallbackReceiver.Tests.Storage;

/// <summary>All work through a PgBouncer in transaction mode, with the connection string that docs/operations.md gives, and with as little of it as works.</summary>
public sealed class PoolerTests(PostgresServer server)
{
    private const string Demo = "/api/v1/workspaces/demo";

    [Theory]
    [InlineData("Max Auto Prepare=0;No Reset On Close=true")]
    [InlineData("MaxAutoPrepare=0")]
    public async Task Everything_works_through_a_pooler_that_lends_sessions_by_the_transaction(string settings)
    {
        var connectionString = await server.CreateEmptyDatabaseAsync();
        var spool = Directory.CreateTempSubdirectory("callback-receiver-pooler-");
        await using (var pooler = await PgBouncer.StartAsync(connectionString, settings))
        {
            // Both migrate at once.
            var replicas = await Task.WhenAll(StartAsync(pooler, spool), StartAsync(pooler, spool));
            await using var one = replicas[0];
            await using var two = replicas[1];

            await ReceiveAsync(one, two);
            await ReadAsync(one, two);
            await ListenAsync(one, two);
            await ManageAsync(one);
            await AgeAsync(connectionString, pooler, spool);
            Assert.DoesNotContain(" ERR]", one.Log + two.Log, StringComparison.Ordinal);
            await Eventually.HoldsAsync(
                async () => await CountAsync(connectionString, "pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == 0,
                "no lock is left to a session of the pooler's");
        }

        spool.Delete(recursive: true);
        await server.DropDatabaseAsync(connectionString);
    }

    private static async Task ReceiveAsync(ReceiverProcess one, ReceiverProcess two)
    {
        // The first batch of a process takes long, on a machine with much else to do too long to be waited for.
        foreach (var replica in new[] { one, two })
            await Eventually.HoldsAsync(async () => (await replica.PostAsync("demo", new CallbackBuilder().Build())).Outcome == "stored", "it stores");

        var bodies = Enumerable.Range(0, 40).Select(n => new CallbackBuilder($"pooled-{n}") { Title = "through the pooler" }.Build()).ToList();
        foreach (var expected in new List<string> { "stored", "duplicate" })
        {
            var answers = await Task.WhenAll(bodies.Select((body, n) => (n % 2 == 0 ? one : two).PostAsync("demo", body)));
            Assert.All(answers, answer => Assert.Equal((200, expected), (answer.Status, answer.Outcome)));
        }
    }

    /// <summary>Each often enough that it would be prepared, on more connections than the pooler has sessions.</summary>
    private static async Task ReadAsync(ReceiverProcess one, ReceiverProcess two)
    {
        await Eventually.HoldsAsync(
            async () => (await one.GetAsync($"{Demo}/meetings?limit=200&q=pooler")).Json.GetProperty("items").GetArrayLength() == 40, "a search finds all");
        string[] paths = ["meetings?limit=200", "meetings?q=pooler", "meetings/pooled-1", "meetings/pooled-1/revisions", "statistics", "export", "deliveries?limit=5"];
        await Parallel.ForAsync(0, 70, async (n, _) =>
        {
            var answer = await (n % 2 == 0 ? one : two).GetAsync($"{Demo}/{paths[n % paths.Length]}");
            Assert.True(answer.Status == 200, $"{paths[n % paths.Length]}: {answer}");
        });
    }

    /// <summary>No notification comes through, so that the events are looked for.</summary>
    private static async Task ListenAsync(ReceiverProcess one, ReceiverProcess two)
    {
        await using var listener = await EventListener.StartAsync(one.Address);
        Assert.Equal("heartbeat", (await listener.ReadAsync())!.Value.Type);
        var heard = await two.PostAsync("demo", new CallbackBuilder("heard").Build());
        Assert.Equal(heard.DeliveryId, (await listener.ReadMeetingAsync()).Meeting.GetProperty("delivery_id").GetGuid());
    }

    private static async Task ManageAsync(ReceiverProcess service)
    {
        var unfit = await service.PostAsync("demo", new CallbackBuilder("unfit") { CustomerSatisfactionRating = "Z" }.Build());
        for (var repeat = 0; repeat < 4; repeat++)
        {
            Assert.InRange((await service.SendAsync(HttpMethod.Post, $"{Demo}/deliveries/{unfit.DeliveryId}/replay")).Status, 200, 202);
            Assert.Equal(200, (await service.GetAsync($"{Demo}/deliveries/{unfit.DeliveryId}/body")).Status);
            Assert.Equal(204, (await service.DeleteAsync($"{Demo}/meetings/pooled-{repeat}")).Status);
            Assert.Equal(404, (await service.GetAsync($"{Demo}/meetings/pooled-{repeat}")).Status);
        }
    }

    /// <summary>Retention comes round again and again: its lock is given back each time.</summary>
    private static async Task AgeAsync(string connectionString, PgBouncer pooler, DirectoryInfo spool)
    {
        (string, string)[] retention = [("Retention:Interval", "00:00:01"), ("Retention:RawBodies", "00:00:01")];
        await using var service = await StartAsync(pooler, spool, retention);
        await using var other = await StartAsync(pooler, spool, retention);
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal("stored", (await service.PostAsync("demo", new CallbackBuilder().Build())).Outcome);
            await Eventually.HoldsAsync(async () => await CountAsync(connectionString, "deliveries WHERE body IS NOT NULL") == 0, "bodies are cleared by age");
        }
    }

    private static async Task<long> CountAsync(string connectionString, string from)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM {from}", connection);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static Task<ReceiverProcess> StartAsync(PgBouncer pooler, DirectoryInfo spool, params (string Key, string Value)[] changes)
    {
        var settings = new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = pooler.ConnectionString,
            ["Spool:Directory"] = spool.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName,
        };
        foreach (var (key, value) in changes)
            settings[key] = value;
        return ReceiverProcess.StartAsync(settings);
    }
}
