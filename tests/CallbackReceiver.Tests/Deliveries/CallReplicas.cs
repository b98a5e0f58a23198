using CallbackReceiver.Tests.Infrastructure;
using CallbackReceiver.Tests.Meetings;

namespace CallbackReceiver.Tests.Deliveries;

/// <summary>Two replicas, each with a spool of its own and a way to PostgreSQL that can be cut, on a clock that the test moves.</summary>
internal sealed class CallReplicas : IAsyncDisposable
{
    public const string Demo = "/api/v1/workspaces/demo";

    private readonly MovableTime time = new();
    private readonly DirectoryInfo spools = Directory.CreateTempSubdirectory("callback-receiver-model-");
    private readonly List<(TcpProxy Proxy, ReceiverHost Host, Task Listening)> replicas = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly bool[] isCut = new bool[2];

    /// <summary>The ways to read, of both replicas.</summary>
    public IEnumerable<CallbackClient> Clients => replicas.Select(replica => replica.Host.Client);

    public IEnumerable<Uri> Addresses => replicas.Select(replica => replica.Host.Address);

    public bool AreAllCut => isCut.All(cut => cut);

    public static async Task<CallReplicas> StartAsync(string connectionString)
    {
        var replicas = new CallReplicas();
        for (var number = 0; number < replicas.isCut.Length; number++)
        {
            var (proxy, throughProxy) = await TcpProxy.StartAsync(connectionString);
            var host = await ReceiverHost.StartAsync(throughProxy, new ReceiverSettings
            {
                Time = replicas.time,
                Values =
                {
                    ["Spool:Directory"] = Path.Combine(replicas.spools.FullName, $"{number}"), ["Spool:MaxBytes"] = "10000000",
                    ["Retention:Meetings"] = "30.00:00:00", ["Retention:Interval"] = "00:00:00.1",
                },
            });

            // Somebody listens all the time, so that whatever is kept for listeners is.
            replicas.replicas.Add((proxy, host, ListenAsync(host, replicas.stopping.Token)));
        }

        return replicas;
    }

    public bool IsCut(int replica) => isCut[replica];

    public CallbackClient ClientOf(int replica) => replicas[replica].Host.Client;

    /// <summary>A replica that reaches PostgreSQL.</summary>
    public CallbackClient AnyClient() => ClientOf(Array.IndexOf(isCut, false));

    public Task<Answer> PostAsync(int replica, byte[] body) => ClientOf(replica).PostAsync(Workspaces.Demo, body, Keys.Demo);

    public void Cut(int replica)
    {
        replicas[replica].Proxy.Cut();
        isCut[replica] = true;
    }

    /// <summary>Waits until the replica stores again.</summary>
    public async Task MendAsync(int replica)
    {
        replicas[replica].Proxy.Mend();
        isCut[replica] = false;
        await Eventually.HoldsAsync(
            async () => (await ClientOf(replica).PostAsync(Workspaces.Other, new CallbackBuilder { WorkspaceId = Workspaces.Other }.Build(), Keys.Other)).Outcome == "stored",
            "the replica stores again");
    }

    /// <summary>Lets all that there is become too old.</summary>
    public void Age() => time.Advance(TimeSpan.FromDays(31));

    /// <summary>A stream ends when its time is over, or the way to PostgreSQL is cut: then it listens anew.</summary>
    private static async Task ListenAsync(ReceiverHost host, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var listener = await EventListener.StartAsync(host.Address);
                while (await listener.ReadAsync().WaitAsync(stopping) is not null)
                {
                    // Nobody looks at it.
                }
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException or TimeoutException or OperationCanceledException or Xunit.Sdk.XunitException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        foreach (var (proxy, host, listening) in replicas)
        {
            await listening;
            await host.DisposeAsync();
            await proxy.DisposeAsync();
        }

        stopping.Dispose();
        spools.Delete(recursive: true);
    }
}
