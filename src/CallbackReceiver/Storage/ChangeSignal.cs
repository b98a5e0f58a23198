using System.Threading.Channels;

namespace CallbackReceiver.Storage;

/// <summary>Tells the projection of this process that there are changes. Those of other replicas it finds by itself, a little later.</summary>
internal sealed class ChangeSignal
{
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Raise() => signal.Writer.TryWrite(true);

    /// <summary>Returns when a signal was raised since the last call, or after the time.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(atMost);
        try
        {
            await signal.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time is up.
        }
    }
}
