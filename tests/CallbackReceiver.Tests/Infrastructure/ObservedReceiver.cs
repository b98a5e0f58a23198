namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A service whose way to PostgreSQL can be cut, and whose metrics are looked at.</summary>
public sealed class ObservedReceiver(PostgresServer server) : IAsyncLifetime
{
    private TcpProxy? proxy;

    public Receiver Receiver { get; } = new(server);

    public ReceiverProcess Service { get; private set; } = null!;

    public string SpoolDirectory { get; } = Path.Combine(Path.GetTempPath(), $"callback-receiver-spool-{Guid.NewGuid():N}");

    public async ValueTask InitializeAsync()
    {
        await Receiver.InitializeAsync();

        // Another replica would take some of the work that is to be seen here.
        await Receiver.Service.StopAsync();
        (proxy, var connectionString) = await TcpProxy.StartAsync(Receiver.ConnectionString);
        Service = await Receiver.StartAsync(
            ("ConnectionStrings:CallbackReceiver", connectionString), ("Spool:Directory", SpoolDirectory), ("Callbacks:Writers", "1"));
    }

    public async ValueTask DisposeAsync()
    {
        if (Service is not null)
            await Service.DisposeAsync();
        if (proxy is not null)
            await proxy.DisposeAsync();
        await Receiver.DisposeAsync();
        if (Directory.Exists(SpoolDirectory))
            Directory.Delete(SpoolDirectory, recursive: true);
    }

    public Task<Answer> PostAsync(CallbackBuilder? callback = null) => Service.PostAsync(Workspaces.Demo, (callback ?? new CallbackBuilder()).Build());

    /// <summary>Does something while PostgreSQL is away, and waits until all that was spooled is stored.</summary>
    public async Task WhileAwayAsync(Func<Task> act)
    {
        proxy!.Cut();
        try
        {
            await act();
        }
        finally
        {
            proxy.Mend();
        }

        await Eventually.HoldsAsync(async () => (await PostAsync()).Outcome == "stored", "the service stores again");
        await Service.UntilSpoolIsEmptyAsync();
    }

    internal Task<MetricsPage> MetricsAsync() => MetricsPage.ReadAsync(Service);

    /// <summary>Waits until the metrics show it.</summary>
    internal Task UntilAsync(Predicate<MetricsPage> holds, string description) => Eventually.HoldsAsync(async () => holds(await MetricsAsync()), description);
}
