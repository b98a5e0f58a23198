using CallbackReceiver.Storage;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>Stores what is in the spool as soon as PostgreSQL takes it, the oldest first.</summary>
internal sealed class SpoolDrain(Spool spool, DeliveryStore store, Circuit circuit, SpoolMetrics metrics, TimeProvider time, ILogger<SpoolDrain> logger) : BackgroundWork
{
    private const int MaxBatchDeliveries = 100;
    private const int MaxBatchBytes = 8 * 1024 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            try
            {
                await DrainAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                logger.DrainFailed(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var names = spool.List();
        if (names.Count == 0 && circuit.IsOpen)
            await StoreAsync([], cancellationToken); // a write of nothing: another replica may have stored what this one had spooled
        for (var at = 0; at < names.Count && !cancellationToken.IsCancellationRequested;)
        {
            var batch = TakeBatch(names, ref at);
            if (batch.Count > 0 && !await StoreAsync(batch, cancellationToken))
                return;
        }
    }

    private List<(string Name, Delivery Delivery)> TakeBatch(IReadOnlyList<string> names, ref int at)
    {
        var batch = new List<(string, Delivery)>();
        for (var bytes = 0L; at < names.Count && batch.Count < MaxBatchDeliveries && bytes < MaxBatchBytes; at++)
        {
            if (spool.Read(names[at]) is not { } delivery)
                continue;
            batch.Add((names[at], delivery));
            bytes += delivery.Body.Bytes.Length;
        }

        return batch;
    }

    /// <returns>False where PostgreSQL is away, or the service stops: what is stored nevertheless is stored again by the next drain, which changes nothing.</returns>
    private async Task<bool> StoreAsync(List<(string Name, Delivery Delivery)> batch, CancellationToken cancellationToken)
    {
        var deliveries = batch.ConvertAll(file => file.Delivery);
        if (await circuit.TryAsync(() => store.StoreAsync(deliveries, CancellationToken.None), Patience, cancellationToken) is null)
            return false;
        foreach (var (name, _) in batch)
            spool.Delete(name);
        if (batch.Count > 0)
            logger.Unspooled(batch.Count);
        metrics.Stored(batch.Count);
        return true;
    }
}
