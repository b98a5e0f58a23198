using CallbackReceiver.Storage;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>
/// Stores what is in the spool as soon as PostgreSQL takes it, the oldest first. A delivery that PostgreSQL does not take although it takes
/// others is held, and tried by itself from then on: it delays no other.
/// </summary>
internal sealed class SpoolDrain(
    Spool spool, EarlierSpoolFolder earlier, DeliveryStore store, Circuit circuit, SchemaMigration schema, WriteLimits limits, SpoolMetrics metrics, TimeProvider time, ILogger<SpoolDrain> logger)
    : BackgroundWork
{
    private const int MaxBatchDeliveries = 256;
    private const int MaxBatchBytes = 8 * 1024 * 1024;

    /// <summary>Held deliveries that are tried before new ones are looked for again: each may take PostgreSQL some seconds to refuse.</summary>
    private const int MaxHeldInARow = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private bool isAimed;

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            while (earlier.TakeOverSome())
                cancellationToken.ThrowIfCancellationRequested();
            if (schema.IsApplied)
                await DrainAsync(cancellationToken);
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (!isAimed)
        {
            spool.AimAtDatabase();
            isAimed = true;
        }

        if (circuit.IsOpen && !await StoreAsync([], limits.OfDrain, cancellationToken))
            return;
        var isMore = true;
        while (isMore && !cancellationToken.IsCancellationRequested)
        {
            while (spool.Take(MaxBatchDeliveries, MaxBatchBytes) is { Count: > 0 } batch)
            {
                if (!await StoreAsync(batch, limits.OfDrain, cancellationToken))
                    return;
            }

            isMore = false;
            for (var tried = 0; tried < MaxHeldInARow && spool.TakeHeld() is { } held; tried++)
            {
                if (!await StoreAsync([held], limits.OfOne, cancellationToken))
                    return;
                isMore = true;
            }
        }
    }

    /// <param name="batch">Deliveries of the spool; with none of them it is only seen whether PostgreSQL takes writes.</param>
    /// <param name="limit">How long PostgreSQL may take.</param>
    /// <param name="cancellationToken">Ends the wait for PostgreSQL.</param>
    /// <returns>False where PostgreSQL is unavailable, or the service stops: what is stored nevertheless is stored again by the next drain, which changes nothing.</returns>
    private async Task<bool> StoreAsync(IReadOnlyList<Delivery> batch, WriteLimit limit, CancellationToken cancellationToken)
    {
        if (await circuit.TryAsync(() => store.StoreEachAsync(batch, limit), Patience, cancellationToken) is not { } results)
            return false;
        var stored = batch.Where((_, at) => results[at].Receipt is not null).ToList();
        spool.Remove(stored);
        for (var at = 0; at < batch.Count; at++)
        {
            if (results[at].Failure is { } failure)
                Hold(batch[at], failure);
        }

        if (stored.Count > 0)
            logger.Unspooled(stored.Count);
        metrics.Stored(stored.Count);
        return true;
    }

    private void Hold(Delivery delivery, string failure)
    {
        logger.DeliveryHeld(delivery.Id, failure);
        spool.Hold(delivery, failure);
    }
}
