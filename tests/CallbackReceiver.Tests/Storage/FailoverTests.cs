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
}
