using CallbackReceiver.Tests.Infrastructure;
using CallbackReceiver.Tests.Meetings;

namespace CallbackReceiver.Tests.Storage;

/// <summary>A PostgreSQL that takes no writes any more, as one that has become a standby: its connections are given up in every pool.</summary>
public sealed class FailoverTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo";

    [Fact]
    public async Task After_a_failover_every_kind_of_work_finds_the_primary()
    {
        var service = receiver.Service;
        await service.PostAsync("demo", new CallbackBuilder("failed-over").Build());
        await MeetingCopies.UntilProjectedAsync(receiver);
        var database = await receiver.ScalarAsync<string>("SELECT current_database()::text");
        await using (await receiver.HoldProjectionAsync())
        {
            await service.PostAsync("demo", new CallbackBuilder("waits-for-projection").Build());
            await receiver.QueryAsync($"ALTER DATABASE {database} SET default_transaction_read_only = on");
            await receiver.QueryAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'callback-receiver'");
        }

        await Eventually.HoldsAsync(() => Task.FromResult(service.Log.Contains("SQLSTATE 25006", StringComparison.Ordinal)), "the projection meets a server that takes no writes");
        Assert.Equal(503, (await service.DeleteAsync($"{Demo}/meetings/failed-over")).Status);

        // What ends it reaches new sessions only.
        await receiver.QueryAsync($"SET default_transaction_read_only = off; ALTER DATABASE {database} RESET default_transaction_read_only");

        await MeetingCopies.UntilProjectedAsync(receiver);
        await Eventually.HoldsAsync(async () => (await service.DeleteAsync($"{Demo}/meetings/failed-over")).Status == 204, "a meeting can be erased");
    }

    [Fact]
    public async Task After_a_restart_no_request_is_given_a_broken_connection()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        await using var host = await ReceiverHost.StartAsync(connectionString);
        var client = host.Client;
        await client.PostAsync(Workspaces.Demo, new CallbackBuilder("read-after-restart").Build(), Keys.Demo);
        var deliveryId = (await client.SendAsync(HttpMethod.Get, $"{Demo}/deliveries?meeting_id=read-after-restart")).Json.GetProperty("items")[0].GetProperty("delivery_id").GetGuid();
        string[] paths =
        [
            $"{Demo}/meetings", $"{Demo}/meetings/read-after-restart", $"{Demo}/meetings/read-after-restart/transcript", $"{Demo}/statistics", $"{Demo}/export",
            $"{Demo}/deliveries", $"{Demo}/deliveries/{deliveryId}/body", "/api/v1/workspaces",
        ];
        foreach (var path in paths)
        {
            // Whatever pool it reads by has some connections that are idle.
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.SendAsync(HttpMethod.Get, path)));
            await (await EventListener.StartAsync(host.Address, lastEventId: 0)).DisposeAsync();
            proxy.Cut();
            proxy.Mend();

            Assert.Equal((path, 200), (path, (await client.SendAsync(HttpMethod.Get, path)).Status));
            proxy.Cut();
            proxy.Mend();
            await (await EventListener.StartAsync(host.Address, lastEventId: 0)).DisposeAsync(); // which asserts that it is answered 200

            // What changes something as well.
            Assert.Equal(404, (await client.SendAsync(HttpMethod.Delete, $"{Demo}/meetings/there-is-none")).Status);
            proxy.Cut();
            proxy.Mend();
            Assert.Equal(404, (await client.SendAsync(HttpMethod.Delete, $"{Demo}/meetings/there-is-none")).Status);
        }
    }
}
