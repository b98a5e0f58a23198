using CallbackReceiver.Callbacks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class CircuitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    private readonly FakeTimeProvider time = new();
    private readonly TaskCompletionSource<string> hanging = new();
    private readonly Circuit circuit;

    public CircuitTests() => circuit = new Circuit(time, NullLogger<Circuit>.Instance);

    [Fact]
    public async Task It_is_open_from_a_failure_until_an_operation_succeeds()
    {
        Assert.False(circuit.IsOpen);
        Assert.Null(await circuit.TryAsync(() => Task.FromException<string>(new InvalidOperationException("away")), Patience));
        Assert.True(circuit.IsOpen);
        Assert.Null(await circuit.TryAsync(() => Task.FromResult("too early"), Patience));

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("back", await circuit.TryAsync(() => Task.FromResult("back"), Patience));
        Assert.False(circuit.IsOpen);
    }

    [Fact]
    public async Task An_operation_that_hangs_is_left_after_a_while()
    {
        var trying = circuit.TryAsync(() => hanging.Task, Patience);
        Assert.False(trying.IsCompleted);

        time.Advance(Patience);

        Assert.Null(await trying);
        Assert.True(circuit.IsOpen);
    }

    [Fact]
    public async Task Who_stops_waits_no_longer_for_an_operation_that_hangs()
    {
        using var stopping = new CancellationTokenSource();
        var trying = circuit.TryAsync(() => hanging.Task, TimeSpan.FromSeconds(30), stopping.Token);

        await stopping.CancelAsync();

        Assert.Null(await trying);
    }
}
