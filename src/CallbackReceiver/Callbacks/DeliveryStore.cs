using System.Diagnostics;
using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Stores a batch whatever its deliveries are. There is no list of errors that are a delivery's own: where a batch fails for whatever reason,
/// a probe is written; if PostgreSQL takes that, the batch is written in ever smaller parts until the deliveries at fault stand alone.
/// </summary>
internal sealed class DeliveryStore(DeliveryWriter writer, WriteProbe probe, NpgsqlDataSource dataSource, WriteLimits limits, ILogger<DeliveryStore> logger)
{
    /// <summary>Writes the deliveries and commits. With none of them it is only seen whether PostgreSQL takes writes.</summary>
    /// <returns>One result a delivery, in their order.</returns>
    /// <exception cref="Exception">PostgreSQL takes no writes at the moment; storing the deliveries again changes nothing that is stored.</exception>
    public async Task<StoreResult[]> StoreEachAsync(IReadOnlyList<Delivery> deliveries, WriteLimit limits)
    {
        if (deliveries.Count == 0)
        {
            await ProbeAsync(limits);
            return [];
        }

        var results = new StoreResult[deliveries.Count];
        var started = Stopwatch.GetTimestamp();
        try
        {
            SetReceipts(results, await WriteAsync(deliveries, limits));
        }
        catch (Exception failure)
        {
            await ProbeAsync(limits);
            if (deliveries.Count > 1)
                logger.BatchRefused(deliveries.Count, StorageFailure.Describe(failure));
            await SplitAsync(deliveries.ToArray(), results, limits.Part, started);
        }

        return results;
    }

    /// <summary>Stores one delivery.</summary>
    /// <exception cref="DeliveryNotStoredException">PostgreSQL takes writes, but not this one.</exception>
    /// <exception cref="Exception">PostgreSQL takes no writes at the moment.</exception>
    public async Task<Receipt> StoreAsync(Delivery delivery)
    {
        var result = (await StoreEachAsync([delivery], limits.OfOne))[0];
        return result.Receipt ?? throw new DeliveryNotStoredException(result.Failure!);
    }

    /// <summary>Writes each half of deliveries that failed together; a delivery that fails alone is set aside.</summary>
    private async Task SplitAsync(ArraySegment<Delivery> failed, ArraySegment<StoreResult> results, WriteLimit limits, long started)
    {
        if (failed.Count == 1)
        {
            results[0] = await TryAgainAsync(failed[0], limits);
            return;
        }

        var half = failed.Count / 2;
        foreach (var part in new[] { ..half, half.. })
        {
            if (Stopwatch.GetElapsedTime(started) > limits.All)
                return;
            try
            {
                SetReceipts(results[part], await WriteAsync(failed[part], limits));
            }
            catch (Exception)
            {
                await SplitAsync(failed[part], results[part], limits, started);
            }
        }
    }

    /// <summary>
    /// Writes one delivery between two probes: only where it fails while both work is it at fault. What has failed before may have met a
    /// PostgreSQL that was out of connections, or of memory, a moment ago.
    /// </summary>
    private async Task<StoreResult> TryAgainAsync(Delivery delivery, WriteLimit limits)
    {
        const int Tries = 3; // a connection that fails, or a driver that takes a refusal for a broken protocol, says nothing of the delivery
        for (var tries = 1; ; tries++)
        {
            dataSource.Clear(); // over a new connection: on an old one the driver's prepared statements may be what fails
            try
            {
                return new StoreResult((await WriteAsync([delivery], limits))[0]);
            }
            catch (Exception failure)
            {
                await ProbeAsync(limits);
                if (failure is PostgresException || tries == Tries)
                    return await SetAsideAsync(delivery, failure, limits);
            }
        }
    }

    /// <summary>A delivery that PostgreSQL refuses is kept as quarantined, with the reason; if need be without the names that its body gives.</summary>
    private async Task<StoreResult> SetAsideAsync(Delivery delivery, Exception failure, WriteLimit limits)
    {
        var reason = StorageFailure.Describe(failure);
        if (StorageFailure.IsWait(failure))
            return new StoreResult(null, reason, Waited: true);
        var sqlState = ((PostgresException)failure).SqlState;
        logger.DeliveryRefused(delivery.Id, sqlState);
        var quarantined = delivery;
        for (var isNamed = true; isNamed;)
        {
            quarantined = quarantined.Quarantined(new SchemaError("", $"PostgreSQL does not take what the body says (SQLSTATE {sqlState})"));
            isNamed = quarantined.Ledger is not { EventName: null, MeetingId: null };
            dataSource.Clear();
            if (await TryQuarantineAsync(quarantined, limits) is { } receipt)
                return new StoreResult(receipt);
        }

        return new StoreResult(null, reason); // the spool holds it
    }

    /// <returns>Null where PostgreSQL refuses it in this form as well.</returns>
    private async Task<Receipt?> TryQuarantineAsync(Delivery quarantined, WriteLimit limits)
    {
        const int Tries = 2; // after a refused statement that it was about to prepare, the driver may take the next answer for a broken protocol
        for (var tries = 0; tries < Tries; tries++)
        {
            try
            {
                return (await WriteAsync([quarantined], limits))[0];
            }
            catch (Exception refusal) when (!StorageFailure.IsWait(refusal))
            {
                return null;
            }
            catch (Exception)
            {
                // It waited, or the connection failed: once more.
            }
        }

        return null;
    }

    private static void SetReceipts(ArraySegment<StoreResult> results, Receipt[] receipts)
    {
        for (var at = 0; at < receipts.Length; at++)
            results[at] = new StoreResult(receipts[at]);
    }

    private Task<Receipt[]> WriteAsync(IReadOnlyList<Delivery> deliveries, WriteLimit limits) => TwiceAsync(() => writer.WriteAsync(deliveries, limits));

    private Task<bool> ProbeAsync(WriteLimit limits) => TwiceAsync(async () =>
    {
        await probe.WriteAsync(limits);
        return true;
    });

    /// <summary>Writes once more where the connection failed or the transaction lost a race; writing twice is the same as writing once.</summary>
    private async Task<T> TwiceAsync<T>(Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (NpgsqlException exception) when (StorageFailure.IsWorthAnotherTry(exception))
        {
            if (StorageFailure.IsReadOnly(exception))
                dataSource.Clear(); // these connections would stay with a server that is a standby now: new ones find the primary
            return await write();
        }
    }
}

/// <summary>PostgreSQL takes writes, but not this delivery. The message says why, and quotes no data.</summary>
internal sealed class DeliveryNotStoredException(string reason) : Exception(reason);
