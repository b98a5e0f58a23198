using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Group commit. Deliveries wait in a bounded queue; each writer takes what is there and commits it in one transaction, and only
/// then are their senders answered. While a writer waits for PostgreSQL the queue gathers the next batch: batches grow with the load.
/// </summary>
internal sealed class Inbox(IOptions<CallbackOptions> options, DeliveryWriter writer, ILogger<Inbox> logger) : IHostedService
{
    private const int MaxBatchDeliveries = 256;
    private const int MaxBatchBytes = 8 * 1024 * 1024;

    private readonly Channel<Waiting> queue = Channel.CreateBounded<Waiting>(options.Value.QueueLength);
    private Task writing = Task.CompletedTask;

    /// <summary>Stores a delivery.</summary>
    /// <returns>The receipt once the commit that holds the delivery is done; null where it could not be stored, or the queue is full.</returns>
    public Task<Receipt?> AcceptAsync(Delivery delivery)
    {
        var waiting = new Waiting(delivery);
        return queue.Writer.TryWrite(waiting) ? waiting.Task : Task.FromResult<Receipt?>(null);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        writing = Task.WhenAll(Enumerable.Range(0, options.Value.Writers).Select(_ => Task.Run(WriteBatchesAsync, CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>Commits all that has been accepted. The web server has stopped by then, since it was started last.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        await writing.WaitAsync(cancellationToken);
        logger.Drained();
    }

    private async Task WriteBatchesAsync()
    {
        var batch = new List<Waiting>(MaxBatchDeliveries);
        while (await queue.Reader.WaitToReadAsync())
        {
            var bytes = 0L;
            while (batch.Count < MaxBatchDeliveries && bytes < MaxBatchBytes && queue.Reader.TryRead(out var waiting))
            {
                batch.Add(waiting);
                bytes += waiting.Delivery.Body.Bytes.Length;
            }

            if (batch.Count > 0)
                await AnswerAsync(batch);
            batch.Clear();
        }
    }

    private async Task AnswerAsync(List<Waiting> batch)
    {
        var receipts = await StoreAsync(batch.ConvertAll(waiting => waiting.Delivery));
        for (var i = 0; i < batch.Count; i++)
            batch[i].SetResult(receipts[i]);
    }

    /// <returns>One receipt a delivery, null for one that could not be stored.</returns>
    private async Task<Receipt?[]> StoreAsync(List<Delivery> deliveries)
    {
        try
        {
            return await WriteAsync(deliveries);
        }
        catch (PostgresException refusal) when (StorageFailure.IsOfTheData(refusal))
        {
            return deliveries is [var only] ? [await QuarantineAsync(only, refusal)] : await StoreOneByOneAsync(deliveries, refusal);
        }
        catch (Exception exception)
        {
            logger.NotStored(deliveries.Count, StorageFailure.Describe(exception));
            return new Receipt?[deliveries.Count];
        }
    }

    /// <summary>One delivery that PostgreSQL refuses must not fail its neighbours.</summary>
    private async Task<Receipt?[]> StoreOneByOneAsync(List<Delivery> deliveries, PostgresException refusal)
    {
        logger.BatchRefused(deliveries.Count, refusal.SqlState);
        var receipts = new Receipt?[deliveries.Count];
        for (var i = 0; i < receipts.Length; i++)
            receipts[i] = (await StoreAsync([deliveries[i]]))[0];
        return receipts;
    }

    private async Task<Receipt?> QuarantineAsync(Delivery delivery, PostgresException refusal)
    {
        logger.DeliveryRefused(delivery.Id, refusal.SqlState);
        if (delivery.Content is not ParsedCallback.Analysed)
            return null;
        var reason = new SchemaError("", $"PostgreSQL does not take the analysis (SQLSTATE {refusal.SqlState})");
        return (await StoreAsync([delivery.Quarantined(reason)]))[0];
    }

    /// <summary>Writes once more where the connection failed or the transaction lost a race; writing twice is the same as writing once.</summary>
    private async Task<Receipt[]> WriteAsync(List<Delivery> deliveries)
    {
        try
        {
            return await writer.WriteAsync(deliveries, CancellationToken.None);
        }
        catch (NpgsqlException exception) when (StorageFailure.IsWorthAnotherTry(exception))
        {
            return await writer.WriteAsync(deliveries, CancellationToken.None);
        }
    }

    private sealed class Waiting(Delivery delivery) : TaskCompletionSource<Receipt?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Delivery Delivery { get; } = delivery;
    }
}
