using System.Net.Sockets;
using System.Text;
using CallbackReceiver.Tests.Infrastructure;
using CallbackReceiver.Tests.Meetings;

namespace CallbackReceiver.Tests.Storage;

/// <summary>What some do with PostgreSQL, however much and however slowly, takes no connection from others.</summary>
public sealed class PoolTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo";

    [Fact]
    public async Task Readers_that_take_all_exports_leave_receiving_and_other_queries_alone()
    {
        var service = receiver.Service;
        await AddLargeMeetingsAsync("slowly-read");
        var readers = new List<TcpClient>();
        try
        {
            var statuses = new List<string>();
            for (var n = 0; n < 130; n++)
            {
                var (client, status) = await ExportSlowlyAsync(service, "slowly-read", Keys.ApiAll);
                readers.Add(client);
                statuses.Add(status);
            }

            Assert.Equal(new HashSet<string> { "200", "503" }, statuses.ToHashSet());
            await AssertAllElseGoesOnAsync(service);
            Assert.Equal(200, (await service.GetAsync($"{Demo}/statistics")).Status);
        }
        finally
        {
            readers.ForEach(reader => reader.Dispose());
        }

        await Eventually.HoldsAsync(async () => (await service.GetAsync($"{Demo}/export?risk_factor=none")).Status == 200, "exports are answered again");
    }

    [Fact]
    public async Task A_reader_has_so_many_exports_at_once_and_other_readers_have_theirs()
    {
        await using var service = await receiver.StartAsync(("RateLimit:Exports", "2"));
        await AddLargeMeetingsAsync("limited");
        var (first, _) = await ExportSlowlyAsync(service, "limited", Keys.ApiDemo);
        var (second, _) = await ExportSlowlyAsync(service, "limited", Keys.ApiDemo);
        using var _ = second;

        var third = await service.GetAsync($"{Demo}/export", Keys.ApiDemo);

        Assert.Equal((429, "urn:callback-receiver:problem:too-many-streams"), (third.Status, third["type"]));
        Assert.True(int.Parse(third.Headers["Retry-After"]) > 0);
        Assert.Equal(429, (await service.GetAsync($"{Demo}/export?format=csv", Keys.ApiDemo)).Status);
        Assert.Equal(200, (await service.GetAsync($"{Demo}/meetings", Keys.ApiDemo)).Status);
        Assert.Equal(200, (await service.GetAsync($"{Demo}/export?risk_factor=none", Keys.ApiAll)).Status);
        first.Dispose();
        await Eventually.HoldsAsync(async () => (await service.GetAsync($"{Demo}/export?risk_factor=none", Keys.ApiDemo)).Status == 200, "one that has ended makes room");
    }

    [Fact]
    public async Task A_reader_listens_so_often_at_once()
    {
        await using var service = await receiver.StartAsync(("RateLimit:Listeners", "2"));
        await using var first = await EventListener.StartAsync(service.Address); // with the key of demo
        await using var second = await EventListener.StartAsync(service.Address);

        var third = await service.GetAsync($"{Demo}/events", Keys.ApiDemo);

        Assert.Equal((429, "urn:callback-receiver:problem:too-many-streams"), (third.Status, third["type"]));
        Assert.Equal(200, (await service.GetAsync($"{Demo}/meetings", Keys.ApiDemo)).Status);
        await first.DisposeAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                using var client = await RawHttp.ConnectAsync(service.Address);
                return await AskAsync(client, $"{Demo}/events", Keys.ApiDemo) == "200";
            },
            "one that has ended makes room");
    }

    [Fact]
    public async Task Queries_that_hang_keep_waiting_only_each_other()
    {
        await using var service = await receiver.StartAsync(("Queries:Timeout", "00:10:00"));
        var kept = await service.PostAsync("demo", new CallbackBuilder { EventName = "another" }.Build());
        List<Task<Answer>> hanging;
        await using (var holding = await receiver.OpenAsync())
        {
            // Statistics read nothing else; the projection waits for them as well, and so work in the background hangs too.
            await ExecuteAsync(holding, "BEGIN; LOCK TABLE facts IN ACCESS EXCLUSIVE MODE");
            hanging = [.. Enumerable.Range(0, 45).Select(_ => service.GetAsync($"{Demo}/statistics"))];
            await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FROM facts%'") >= 40, "every connection of the queries hangs");

            var refused = await service.GetAsync($"{Demo}/meetings");

            Assert.Equal((503, "urn:callback-receiver:problem:busy"), (refused.Status, refused["type"]));
            Assert.True(int.Parse(refused.Headers["Retry-After"]) > 0);
            Assert.Equal("stored", (await service.PostAsync("demo", new CallbackBuilder().Build())).Outcome);
            Assert.Equal(200, (await service.GetAsync($"{Demo}/deliveries/{kept.DeliveryId}/body")).Status);
            Assert.Equal(200, (await service.GetAsync("/healthz/ready", apiKey: null)).Status);
            await using var listener = await EventListener.StartAsync(service.Address);
            Assert.Equal("heartbeat", (await listener.ReadAsync())!.Value.Type);
        }

        Assert.Subset(new HashSet<int> { 200, 503 }, (await Task.WhenAll(hanging)).Select(answer => answer.Status).ToHashSet());
        Assert.Equal(200, (await service.GetAsync($"{Demo}/meetings")).Status);
    }

    [Fact]
    public async Task Erasures_and_replays_that_hang_keep_waiting_only_each_other()
    {
        var service = receiver.Service;
        for (var n = 0; n < 25; n++)
            Assert.Equal("stored", (await service.PostAsync("demo", new CallbackBuilder($"erased-{n}").Build())).Outcome);
        await MeetingCopies.UntilProjectedAsync(receiver);
        List<Task<Answer>> hanging;
        await using (await receiver.HoldProjectionAsync())
        {
            hanging = [.. Enumerable.Range(0, 25).Select(n => service.DeleteAsync($"{Demo}/meetings/erased-{n}"))];
            await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") >= 8, "every connection of those who manage hangs");

            await AssertAllElseGoesOnAsync(service);
        }

        Assert.Subset(new HashSet<int> { 204, 503 }, (await Task.WhenAll(hanging)).Select(answer => answer.Status).ToHashSet());
    }

    private static async Task AssertAllElseGoesOnAsync(ReceiverProcess service)
    {
        for (var n = 0; n < 3; n++)
            Assert.Equal("stored", (await service.PostAsync("demo", new CallbackBuilder().Build())).Outcome);
        Assert.Equal(200, (await service.GetAsync($"{Demo}/meetings?limit=1")).Status);
        Assert.Equal(200, (await service.GetAsync($"{Demo}/meetings?q=nowhere")).Status);
        Assert.Equal(200, (await service.GetAsync("/healthz/ready", apiKey: null)).Status);
    }

    /// <summary>More than the buffers on the way to a reader hold.</summary>
    private async Task AddLargeMeetingsAsync(string risk)
    {
        await receiver.Service.PostAsync("demo", new CallbackBuilder(risk) { RiskFactor = risk }.Build());
        await MeetingCopies.AddAsync(receiver, risk, Enumerable.Range(0, 300).Select(n => new { meeting_id = $"{risk}-{n}", summary = new string('x', 100_000) }));
    }

    /// <summary>Asks for an export, and reads no more of it than its status.</summary>
    private static async Task<(TcpClient Client, string Status)> ExportSlowlyAsync(ReceiverProcess service, string risk, string apiKey)
    {
        var client = await RawHttp.ConnectAsync(service.Address);
        return (client, await AskAsync(client, $"{Demo}/export?risk_factor={risk}", apiKey));
    }

    private static async Task<string> AskAsync(TcpClient client, string path, string apiKey)
    {
        client.ReceiveBufferSize = 4096;
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {apiKey}\r\n\r\n"), TestContext.Current.CancellationToken);
        var status = new byte["HTTP/1.1 200".Length];
        await stream.ReadExactlyAsync(status, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(status)[^3..];
    }

    private static async Task ExecuteAsync(Npgsql.NpgsqlConnection connection, string sql)
    {
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
