using System.Diagnostics;
using System.Threading.Channels;
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Storage;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Group commit. Deliveries wait in a bounded queue; each writer takes what is there and commits it in one transaction, and only
/// then are their senders answered. While a writer waits for PostgreSQL the queue gathers the next batch: batches grow with the load.
/// What PostgreSQL cannot take goes to the spool.
/// </summary>
internal sealed class Inbox(
    IOptions<CallbackOptions> options, DeliveryStore store, Spool spool, Circuit circuit, SchemaMigration schema, ConnectionPools pools, CommitMetrics commits, WriteLimits limits, ILogger<Inbox> logger) : IHostedService
{
    private const int MaxBatchDeliveries = 256;
    private const int MaxBatchBytes = 8 * 1024 * 1024;

    /// <summary>So many deliveries under way at once are no matter of chance: the machine is at its work.</summary>
    private const int ManyUnderWay = 16;

    /// <summary>How long a batch waits for PostgreSQL before it is spooled: a sender has its answer within two seconds either way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    /// <summary>How many slow batches a writer may leave behind. Their connections are part of <see cref="PoolSizes.Receiving"/>.</summary>
    private const int SlowBatchesOfWriter = 3;

    private readonly Channel<Waiting> queue = Channel.CreateBounded<Waiting>(options.Value.QueueLength);
    private Task writing = Task.CompletedTask;
    private int underWay;

    /// <summary>How many deliveries no writer has taken yet.</summary>
    public int Queued => queue.Reader.Count;

    /// <summary>Whether so much is coming in that other work on PostgreSQL should step back.</summary>
    public bool IsBusy => Volatile.Read(ref underWay) >= ManyUnderWay;

    /// <summary>Stores a delivery.</summary>
    /// <returns>
    /// The receipt once the commit that holds the delivery is done, or the spool holds it; null where neither could take it, or the queue
    /// is full.
    /// </returns>
    public Task<Receipt?> AcceptAsync(Delivery delivery)
    {
        var waiting = new Waiting(delivery);
        if (!queue.Writer.TryWrite(waiting))
            return Task.FromResult<Receipt?>(null);
        Interlocked.Increment(ref underWay);
        return waiting.Task;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        circuit.Opened += pools.Clear;
        writing = Task.WhenAll(Enumerable.Range(0, options.Value.Writers).Select(_ => Task.Run(WriteBatchesAsync, CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Stores all that has been accepted. The web server has stopped by then, since it was started last. It is waited for whatever the host's
    /// patience says: what PostgreSQL does not take soon goes to the spool.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        await writing;
        logger.Drained();
    }

    private async Task WriteBatchesAsync()
    {
        var slow = new List<Task>();
        while (await queue.Reader.WaitToReadAsync())
        {
            var batch = TakeBatch();
            if (batch.Count == 0)
                continue;
            var answering = AnswerAsync(batch);
            if (!await IsSlowAsync(answering))
                continue;
            slow.Add(answering);
            if (slow.Count > SlowBatchesOfWriter)
                await Task.WhenAny(slow);
            slow.RemoveAll(batch => batch.IsCompleted);
        }

        await Task.WhenAll(slow);
    }

    private List<Waiting> TakeBatch()
    {
        var (batch, bytes) = (new List<Waiting>(), 0L);
        while (batch.Count < MaxBatchDeliveries && bytes < MaxBatchBytes && queue.Reader.TryRead(out var waiting))
        {
            batch.Add(waiting);
            bytes += waiting.Delivery.Body.Bytes.Length;
        }

        return batch;
    }

    private async Task<bool> IsSlowAsync(Task answering)
    {
        try
        {
            await answering.WaitAsync(limits.Slow);
            return false;
        }
        catch (TimeoutException)
        {
            return true;
        }
    }

    private async Task AnswerAsync(List<Waiting> batch)
    {
        var commit = commits.Begin(batch.Select(waiting => waiting.Request));
        var receipts = await KeepAsync(batch.ConvertAll(waiting => waiting.Delivery));
        Interlocked.Add(ref underWay, -batch.Count);
        commit.End(batch.Count, receipts);
        for (var i = 0; i < batch.Count; i++)
            batch[i].SetResult(receipts?[i]);
    }

    /// <summary>
    /// While PostgreSQL is known to be unavailable none waits for it: the spool takes the deliveries at once, and its drain sees when PostgreSQL
    /// is back. Only where the spool takes nothing do the deliveries themselves try.
    /// </summary>
    private async Task<Receipt?[]?> KeepAsync(List<Delivery> deliveries)
    {
        if (!schema.IsApplied)
            return spool.Write(deliveries); // an older schema would refuse what is new in every one of them
        if (circuit.IsOpen && spool.Write(deliveries) is { } spooled)
            return spooled;
        if (await circuit.TryAsync(() => store.StoreEachAsync(deliveries, limits.OfReceiving), Patience) is { } results)
            return Array.TrueForAll(results, result => result.Receipt is not null) ? Array.ConvertAll(results, result => result.Receipt) : SpoolTheRest(deliveries, results);
        deliveries.ForEach(delivery => delivery.MayStillBeRead = true);
        return spool.Write(deliveries.ConvertAll(delivery => delivery.Settled));
    }

    /// <summary>Spools what PostgreSQL did not take although it took others. One that only waited is to be tried again soon.</summary>
    private Receipt?[] SpoolTheRest(List<Delivery> deliveries, StoreResult[] results)
    {
        var receipts = Array.ConvertAll(results, result => result.Receipt);
        for (var at = 0; at < receipts.Length; at++)
        {
            if (receipts[at] is null)
                receipts[at] = spool.Write([deliveries[at].Settled], results[at].Waited ? null : results[at].Failure)?[0];
        }

        return receipts;
    }

    private sealed class Waiting(Delivery delivery) : TaskCompletionSource<Receipt?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Delivery Delivery { get; } = delivery;

        /// <summary>The request's activity, if it is traced.</summary>
        public Activity? Request { get; } = CommitTrace.OfRequest();
    }
}
