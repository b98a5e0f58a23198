using CallbackReceiver.Callbacks;
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>An outage of PostgreSQL by a clock that the test turns: whoever waits for the clock waits for ever.</summary>
public sealed class KnownOutageTests(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"callback-receiver-spool-{Guid.NewGuid():N}");
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);

    public void Dispose()
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task While_PostgreSQL_is_known_to_hang_no_callback_waits_for_it()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        await using var host = await StartAsync(connectionString);
        proxy.Silence();
        var first = host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo);
        await Eventually.HoldsAsync(() => Task.FromResult(Turned(first.IsCompleted)), "the first callback is answered");
        Assert.Equal("spooled", (await first).Outcome);

        for (var second = 0; second < 5; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1.1));
            var next = await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo).WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
            Assert.Equal("spooled", next.Outcome);
        }

        proxy.Mend();
    }

    [Fact]
    public async Task A_replica_whose_spool_is_empty_sees_that_PostgreSQL_is_back()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        await using var host = await StartAsync(connectionString);
        proxy.Cut();
        Assert.Equal("spooled", (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo)).Outcome);
        var spool = host.Services.GetRequiredService<Spool>();
        spool.Remove(spool.Take(10, long.MaxValue));

        proxy.Mend();

        await Eventually.HoldsAsync(
            () => Task.FromResult(!Turned(host.Services.GetRequiredService<Circuit>().IsOpen)), "PostgreSQL is known to be back");
        Assert.Equal("stored", (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo)).Outcome);
    }

    [Fact]
    public async Task Readiness_is_looked_at_anew_while_the_clock_stands()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        await using var host = await StartAsync(connectionString);
        proxy.Cut();
        await Eventually.HoldsAsync(async () => !await host.Client.IsReadyAsync(), "it is not ready");

        proxy.Mend();

        await Eventually.HoldsAsync(async () => await host.Client.IsReadyAsync(), "it is ready again");
    }

    /// <summary>Turns the clock on as long as it is not so.</summary>
    private bool Turned(bool isSo)
    {
        time.Advance(TimeSpan.FromSeconds(0.5));
        return isSo;
    }

    private Task<ReceiverHost> StartAsync(string connectionString) => ReceiverHost.StartAsync(
        new NpgsqlConnectionStringBuilder(connectionString) { Timeout = 0 }.ConnectionString, // not the driver either ends a wait
        new ReceiverSettings { Time = time, Values = { ["Spool:MaxBytes"] = "1000000000", ["Spool:Directory"] = directory } });
}
