using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class AvailabilityTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Full_queue_answers_503_until_there_is_room()
    {
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings
        {
            Values = { ["Callbacks:Writers"] = "1", ["Callbacks:QueueLength"] = "1" },
        });
        byte[] refusedBody;
        Task<Answer> written, queued;
        await using (await database.LockDeliveriesAsync())
        {
            written = PostAsync(host, new CallbackBuilder().Build());
            await Eventually.HoldsAsync(async () => await database.WaitingSessionsAsync() == 1, "the writer waits");
            queued = PostAsync(host, new CallbackBuilder().Build());
            await Eventually.HoldsAsync(() => Task.FromResult(host.Services.GetRequiredService<Inbox>().Queued == 1), "the queue is full");
            refusedBody = new CallbackBuilder().Build();
            AssertUnavailable(await PostAsync(host, refusedBody));
            Assert.False(written.IsCompleted || queued.IsCompleted, "an answer came before its commit");
        }

        Assert.Equal("stored", (await written).Outcome);
        Assert.Equal("stored", (await queued).Outcome);
        Assert.Null(await database.DeliveryOfAsync(refusedBody));
        Assert.Equal("stored", (await PostAsync(host, refusedBody)).Outcome);
    }

    [Fact]
    public async Task PostgreSQL_that_refuses_connections_is_answered_503_until_it_is_back()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        await using var host = await ReceiverHost.StartAsync(connectionString);
        Assert.Equal("stored", (await PostAsync(host, new CallbackBuilder().Build())).Outcome);

        proxy.Cut();
        var body = new CallbackBuilder().Build();
        for (var i = 0; i < 3; i++)
            AssertUnavailable(await PostAsync(host, body));
        await Eventually.HoldsAsync(async () => !await host.Client.IsReadyAsync(), "the service is not ready");
        Assert.Equal(200, (await host.Client.GetAsync("/healthz/live")).Status);

        proxy.Mend();
        await Eventually.HoldsAsync(async () => (await PostAsync(host, body)).Outcome == "stored", "the service stores again");
        Assert.NotNull(await database.DeliveryOfAsync(body));
    }

    [Fact]
    public async Task PostgreSQL_that_falls_silent_is_answered_503_until_it_speaks_again()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        await using var host = await ReceiverHost.StartAsync(connectionString, new ReceiverSettings { Time = TimeProvider.System });
        Assert.Equal("stored", (await PostAsync(host, new CallbackBuilder().Build())).Outcome);

        proxy.Silence();
        var body = new CallbackBuilder().Build();
        for (var i = 0; i < 3; i++)
            AssertUnavailable(await PostAsync(host, body));

        // What was given up may have been stored all the same: then it is a duplicate, of the one row there is.
        proxy.Mend();
        await Eventually.HoldsAsync(async () => (await PostAsync(host, body)).Outcome is "stored" or "duplicate", "the service stores again");
        Assert.NotNull(await database.DeliveryOfAsync(body));
        Assert.Equal("stored", (await PostAsync(host, new CallbackBuilder().Build())).Outcome);
    }

    [Fact]
    public async Task Service_starts_without_PostgreSQL_and_stores_as_soon_as_it_is_there()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        proxy.Cut();
        await using var host = await ReceiverHost.StartAsync(connectionString, new ReceiverSettings { WaitUntilReady = false, Time = TimeProvider.System });
        var body = new CallbackBuilder().Build();
        AssertUnavailable(await PostAsync(host, body));
        await Eventually.HoldsAsync(async () => !await host.Client.IsReadyAsync(), "the service is not ready");
        proxy.Mend();
        await Eventually.HoldsAsync(async () => (await PostAsync(host, body)).Outcome == "stored", "the service stores");
        await Eventually.HoldsAsync(host.Client.IsReadyAsync, "the service is ready");
    }

    [Fact]
    public async Task Connections_that_PostgreSQL_ends_cost_no_callback()
    {
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("stored", (await PostAsync(host, new CallbackBuilder().Build())).Outcome);
            await database.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'callback-receiver'");
        }

        Assert.Equal("stored", (await PostAsync(host, new CallbackBuilder().Build())).Outcome);
    }

    private static Task<Answer> PostAsync(ReceiverHost host, byte[] body) => host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);

    private static void AssertUnavailable(Answer answer)
    {
        Assert.Equal(503, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.True(answer.Headers.TryGetValue("Retry-After", out var seconds) && int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture) > 0);
    }
}
