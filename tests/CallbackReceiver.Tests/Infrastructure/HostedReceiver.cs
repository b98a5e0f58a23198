namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A service in this process and a database, both of one test class's own: a test can reach into the service's queue and clock.</summary>
public sealed class HostedReceiver(PostgresServer server) : IAsyncLifetime
{
    private ReceiverHost? host;

    public TestDatabase Database { get; } = new(server);

    internal ReceiverHost Host => host!;

    internal CallbackClient Client => Host.Client;

    public async ValueTask InitializeAsync()
    {
        await Database.InitializeAsync();
        host = await ReceiverHost.StartAsync(Database.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (host is not null)
            await host.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>Posts a body signed by its workspace, which must be taken.</summary>
    internal async Task<Answer> PostAsync(CallbackBuilder callback)
    {
        var answer = await Client.PostAsync(Workspaces.Demo, callback.Build(), Keys.Demo);
        Assert.True(answer.Status == 200, answer.ToString());
        return answer;
    }
}
