using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Stores a batch whatever its rows are: one that PostgreSQL refuses for its data is kept as quarantined and fails no neighbour.
/// </summary>
internal sealed class DeliveryStore(DeliveryWriter writer, NpgsqlDataSource dataSource, ILogger<DeliveryStore> logger)
{
    /// <summary>Writes the deliveries and commits.</summary>
    /// <returns>One receipt a delivery, in their order.</returns>
    /// <exception cref="Exception">PostgreSQL did not store them, or not in time; storing them again changes nothing that is stored.</exception>
    public async Task<Receipt[]> StoreAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(deliveries, cancellationToken);
        }
        catch (PostgresException refusal) when (StorageFailure.IsOfTheData(refusal))
        {
            return deliveries is [var only]
                ? [await QuarantineAsync(only, refusal, cancellationToken)]
                : await StoreOneByOneAsync(deliveries, refusal, cancellationToken);
        }
    }

    private async Task<Receipt[]> StoreOneByOneAsync(IReadOnlyList<Delivery> deliveries, PostgresException refusal, CancellationToken cancellationToken)
    {
        logger.BatchRefused(deliveries.Count, refusal.SqlState);
        var receipts = new Receipt[deliveries.Count];
        for (var i = 0; i < receipts.Length; i++)
            receipts[i] = (await StoreAsync([deliveries[i]], cancellationToken))[0];
        return receipts;
    }

    private async Task<Receipt> QuarantineAsync(Delivery delivery, PostgresException refusal, CancellationToken cancellationToken)
    {
        if (delivery.Ledger is { Outcome: Outcome.Quarantined, EventName: null, MeetingId: null })
            throw refusal; // only bytes, digest and times are left
        logger.DeliveryRefused(delivery.Id, refusal.SqlState);
        var reason = new SchemaError("", $"PostgreSQL does not take what the body says (SQLSTATE {refusal.SqlState})");
        return (await StoreAsync([delivery.Quarantined(reason)], cancellationToken))[0];
    }

    /// <summary>Writes once more where the connection failed or the transaction lost a race; writing twice is the same as writing once.</summary>
    private async Task<Receipt[]> WriteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        try
        {
            return await writer.WriteAsync(deliveries, cancellationToken);
        }
        catch (NpgsqlException exception) when (StorageFailure.IsWorthAnotherTry(exception))
        {
            if (StorageFailure.IsReadOnly(exception))
                dataSource.Clear(); // these connections would stay with a server that is a standby now: new ones find the primary
            return await writer.WriteAsync(deliveries, cancellationToken);
        }
    }
}
