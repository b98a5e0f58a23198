using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Storage;

/// <summary>A second connection string for reads. The standby is a database of its own here, so that it shows who asks where.</summary>
public sealed class ReadDatabaseTests(Receiver primary, PostgresServer server) : IClassFixture<Receiver>
{
    [Fact]
    public async Task Queries_go_to_the_standby_and_receiving_never_does()
    {
        await using var standby = new Standby(server);
        await standby.Receiver.InitializeAsync();
        var there = await standby.Receiver.Service.PostAsync("demo", new CallbackBuilder("on-the-standby").Build());
        await using var service = await primary.StartAsync(("ConnectionStrings:CallbackReceiverReads", standby.Receiver.ConnectionString));

        var here = await service.PostAsync("demo", new CallbackBuilder("on-the-primary").Build());

        Assert.Equal(1, await primary.ScalarAsync<long>("SELECT count(*) FROM deliveries WHERE meeting_id = 'on-the-primary'"));
        Assert.Equal(0, await standby.Receiver.ScalarAsync<long>("SELECT count(*) FROM deliveries WHERE meeting_id = 'on-the-primary'"));
        foreach (var path in new[]
        {
            "meetings", "meetings/on-the-standby", "meetings/on-the-standby/transcript", "meetings/on-the-standby/revisions", "meetings/on-the-standby/revisions/1",
            "statistics", "export", "deliveries", $"deliveries/{there.DeliveryId}",
        })
        {
            var answer = await service.GetAsync($"/api/v1/workspaces/demo/{path}");
            Assert.True(answer.Status == 200, $"{path}: {answer}");
            Assert.DoesNotContain("on-the-primary", answer.Body, StringComparison.Ordinal);
        }

        Assert.Equal(404, (await service.GetAsync("/api/v1/workspaces/demo/meetings/on-the-primary")).Status);
        Assert.Contains("on-the-standby", (await service.GetAsync("/api/v1/workspaces/demo/meetings")).Body, StringComparison.Ordinal);

        // Who manages sees what is stored, not what a standby shows.
        Assert.Equal(200, (await service.GetAsync($"/api/v1/workspaces/demo/deliveries/{here.DeliveryId}/body")).Status);
        Assert.Equal(204, (await service.DeleteAsync("/api/v1/workspaces/demo/meetings/on-the-primary")).Status);
        Assert.Equal(1, await primary.ScalarAsync<long>("SELECT count(*) FROM audit WHERE action = 'read_body'"));
    }

    [Fact]
    public async Task Receiving_goes_on_while_the_standby_is_away()
    {
        await using var service = await primary.StartAsync(("ConnectionStrings:CallbackReceiverReads", "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=2"));

        Assert.Equal(200, (await service.PostAsync("demo", new CallbackBuilder().Build())).Status);
        Assert.Equal(503, (await service.GetAsync("/api/v1/workspaces/demo/meetings")).Status);
    }

    [Fact]
    public async Task A_connection_string_that_is_none_stops_the_start_with_its_name_and_not_its_value()
    {
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(new Dictionary<string, string> { ["ConnectionStrings:CallbackReceiverReads"] = "Hots=secret-host" });

        Assert.Equal(1, exitCode);
        Assert.Contains("ConnectionStrings:CallbackReceiverReads", log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-host", log, StringComparison.Ordinal);
    }

    private sealed class Standby(PostgresServer server) : IAsyncDisposable
    {
        public Receiver Receiver { get; } = new(server);

        public ValueTask DisposeAsync() => Receiver.DisposeAsync();
    }
}
