using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.WebConsole;

/// <summary>A service that has the console, with a database of its own.</summary>
public sealed class ConsoleService(PostgresServer server) : IAsyncLifetime
{
    private static readonly (string Key, string Value) Enabled = ("Console:Enabled", "true");

    private readonly Receiver receiver = new(server);

    /// <summary>One without the console, on the same database.</summary>
    public ReceiverProcess WithoutConsole => receiver.Service;

    public ReceiverProcess Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await receiver.InitializeAsync();
        Service = await StartAsync();
    }

    /// <summary>Starts another service with the console on the same database.</summary>
    public Task<ReceiverProcess> StartAsync(params IEnumerable<(string Key, string Value)> changes) => receiver.StartAsync([Enabled, .. changes]);

    public async ValueTask DisposeAsync()
    {
        if (Service is not null)
            await Service.DisposeAsync();
        await receiver.DisposeAsync();
    }
}
