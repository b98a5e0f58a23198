using System.Runtime.InteropServices;

namespace CallbackReceiver.Operations;

/// <summary>
/// The signals that stop the service in order, from the first line of the program to its last: with a closed terminal's SIGHUP too, and a
/// second signal breaks nothing off. The host's own handlers know no SIGHUP, and are gone before PostgreSQL is stopped.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>Windows ends the process when the handler of a closed console returns, and soon after in any case.</summary>
    private static readonly TimeSpan WindowsPatience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource requested = new();
    private readonly ManualResetEventSlim ended = new();
    private readonly List<PosixSignalRegistration> registrations;

    /// <remarks>.NET leaves a signal ignored that was when the process began: what <c>nohup</c> started outlives its terminal.</remarks>
    public StopSignals() => registrations =
    [
        .. new[] { PosixSignal.SIGHUP, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM }
            .Select(signal => PosixSignalRegistration.Create(signal, Handle)),
    ];

    /// <summary>Whether one has come.</summary>
    public bool HaveCome => requested.IsCancellationRequested;

    /// <summary>Makes the signals stop the service, also those that have come before.</summary>
    public void Stop(IHostApplicationLifetime lifetime) => requested.Token.Register(lifetime.StopApplication);

    public void Dispose()
    {
        ended.Set();
        registrations.ForEach(registration => registration.Dispose());
    }

    private void Handle(PosixSignalContext signal)
    {
        signal.Cancel = true;
        requested.Cancel();
        if (OperatingSystem.IsWindows() && signal.Signal is PosixSignal.SIGHUP)
            ended.Wait(WindowsPatience);
    }
}
