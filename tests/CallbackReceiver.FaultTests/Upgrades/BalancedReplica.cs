using CallbackReceiver.FaultTests.Machinery;
using CallbackReceiver.FaultTests.Traffic;

namespace CallbackReceiver.FaultTests.Upgrades;

/// <summary>
/// A replica behind a balancer: callbacks go to it from when it is ready until it is taken out, and only then it is stopped. It keeps its
/// port whichever version it is started as.
/// </summary>
internal sealed class BalancedReplica(string folder, CallbackSource source, int perSecond) : IDisposable
{
    private readonly ServiceProcess service = new(folder);
    private CancellationTokenSource? leaving;
    private Task sending = Task.CompletedTask;

    public Uri Address => service.Address;

    /// <summary>Returns once it is ready and callbacks go to it. One that runs as it should is not started again. Its spool stays its own.</summary>
    public async Task JoinAsync(ServiceSettings settings, CancellationToken cancellationToken)
    {
        settings = settings with { SpoolDirectory = Path.Combine(folder, "spool") };
        if (!service.IsRunning || service.Settings != settings)
            await service.StartAsync(settings, cancellationToken);
        await Patience.UntilAsync(() => service.IsReadyAsync(cancellationToken), "a replica is ready", cancellationToken);
        leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        sending = SendAsync(new Sender([service.Address], settings.Workspace, source, perSecond), leaving.Token);
    }

    /// <summary>Nothing more goes to it, and all that did is answered; it goes on running.</summary>
    public async Task LeaveAsync()
    {
        await leaving!.CancelAsync();
        await sending;
        leaving.Dispose();
        leaving = null;
    }

    /// <summary>Takes it out and stops it.</summary>
    /// <exception cref="InvalidOperationException">It did not end as it should.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (leaving is not null)
            await LeaveAsync();
        await service.StopAsync(cancellationToken);
    }

    public string LastLines() => service.LastLines();

    public void Dispose()
    {
        leaving?.Cancel();
        service.Dispose();
        leaving?.Dispose();
    }

    private static async Task SendAsync(Sender sender, CancellationToken stop)
    {
        using (sender)
            await sender.RunAsync(stop);
    }
}
