namespace SeaMeet.Tests.Infrastructure;

/// <summary>A simulator that several tests share; it sends callbacks nowhere.</summary>
public sealed class SimulatorFixture : IAsyncLifetime
{
    public SimulatorProcess Simulator { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Simulator = await SimulatorProcess.StartAsync(receiver: null);

    public ValueTask DisposeAsync() => Simulator.DisposeAsync();
}
