using System.Security.Cryptography;
using System.Threading.Channels;
using CallbackReceiver.Access;
using CallbackReceiver.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CallbackReceiver.Callbacks.Unverified;

/// <summary>
/// Keeps what failed verification though it came with a well-formed signature for a workspace we know. It is written behind the answer,
/// so that whether something is kept does not show in the time, and what does not fit into memory or quota is dropped: anyone may send it.
/// </summary>
internal sealed class UnverifiedInbox(
    IOptions<UnverifiedOptions> options, BackgroundDatabase dataSource, ReceiveClock clock, ILogger<UnverifiedInbox> logger)
    : BackgroundWork
{
    private const int MaxWaiting = 64;
    private const long MaxWaitingBytes = 16 * 1024 * 1024;

    private const string Insert = """
        INSERT INTO unverified_deliveries (workspace_id, delivery_id, body_sha256, body, signature, received_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (workspace_id, body_sha256, signature) DO NOTHING
        """;

    // What is too old is for the removal by age, which does not trust a clock that is wrong.
    private const string Trim = """
        DELETE FROM unverified_deliveries
        WHERE workspace_id = $1 AND delivery_id IN (
            SELECT delivery_id
            FROM (SELECT delivery_id, row_number() OVER newest AS deliveries, sum(octet_length(body)) OVER newest AS bytes
                  FROM unverified_deliveries
                  WHERE workspace_id = $1
                  WINDOW newest AS (ORDER BY delivery_id DESC)) AS kept
            WHERE deliveries > $2 OR bytes > $3)
        """;

    private readonly Channel<Waiting> queue = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly WaitingShares<ClientNetwork> ofNetworks = new(MaxWaiting / 4, MaxWaitingBytes / 4);
    private readonly WaitingShares<string> ofWorkspaces = new(MaxWaiting / 2, MaxWaitingBytes / 2);
    private readonly WaitingShares<bool> ofAll = new(MaxWaiting, MaxWaitingBytes);

    /// <summary>
    /// Takes over the body, to keep it once the request is answered. What is done here and before the answer is the same whether or not it
    /// will be kept.
    /// </summary>
    /// <param name="response">The answer.</param>
    /// <param name="workspaceId">The workspace; null where there is no such workspace.</param>
    /// <param name="network">Where it came from.</param>
    /// <param name="signature">The signature that came with it.</param>
    /// <param name="body">The body, in the buffer that it was read into.</param>
    public void OfferAfterAnswer(HttpResponse response, string? workspaceId, ClientNetwork network, in Signature signature, RequestBody body)
    {
        var refused = new RefusedBody(workspaceId, network, signature, body);
        response.OnCompleted(() =>
        {
            Offer(refused);
            return Task.CompletedTask;
        });
    }

    /// <summary>Apart from the connection, whose next request does not wait for it either.</summary>
    private void Offer(RefusedBody refused)
    {
        if (refused.WorkspaceId is null || options.Value.MaxDeliveries == 0 || !TryEnter(refused.Network, refused.WorkspaceId, refused.Body.Length))
            refused.Body.Dispose();
        else
            ThreadPool.UnsafeQueueUserWorkItem(Enqueue, refused, preferLocal: false);
    }

    /// <summary>Copies the body, so that its buffer can be given back while PostgreSQL is waited for.</summary>
    private void Enqueue(RefusedBody refused)
    {
        var body = refused.Body.Bytes.ToArray();
        refused.Body.Dispose();
        var receivedAt = clock.Next();
        queue.Writer.TryWrite(new Waiting(refused.Network, new UnverifiedDelivery
        {
            WorkspaceId = refused.WorkspaceId!,
            DeliveryId = Guid.CreateVersion7(receivedAt),
            BodySha256 = SHA256.HashData(body),
            Body = body,
            Signature = refused.Signature.Mac.ToArray(),
            ReceivedAt = receivedAt.UtcDateTime,
        }));
    }

    /// <summary>One network's bodies leave room for those of others, and one workspace's too.</summary>
    private bool TryEnter(ClientNetwork network, string workspaceId, int bytes)
    {
        if (!ofNetworks.TryAdd(network, bytes))
            return false;
        if (ofWorkspaces.TryAdd(workspaceId, bytes))
        {
            if (ofAll.TryAdd(true, bytes))
                return true;
            ofWorkspaces.Remove(workspaceId, bytes);
        }

        ofNetworks.Remove(network, bytes);
        return false;
    }

    private void Leave(ClientNetwork network, string workspaceId, int bytes)
    {
        ofAll.Remove(true, bytes);
        ofWorkspaces.Remove(workspaceId, bytes);
        ofNetworks.Remove(network, bytes);
    }

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var (network, delivery) in queue.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await KeepAsync(delivery, cancellationToken);
                logger.KeptUnverified(delivery.WorkspaceId, delivery.DeliveryId);
            }
            catch (NpgsqlException exception)
            {
                logger.DroppedUnverified(delivery.WorkspaceId, StorageFailure.Describe(exception));
            }
            finally
            {
                Leave(network, delivery.WorkspaceId, delivery.Body.Length);
            }
        }
    }

    private async Task KeepAsync(UnverifiedDelivery delivery, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();

        // PostgreSQL takes a batch for one transaction anyway; a Citus cluster, whose workers do the work, only where it is told so.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                new() { Value = delivery.WorkspaceId },
                new() { Value = delivery.DeliveryId },
                new() { Value = delivery.BodySha256 },
                new() { Value = delivery.Body },
                new() { Value = delivery.Signature },
                new() { Value = delivery.ReceivedAt },
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Trim)
        {
            Parameters =
            {
                new() { Value = delivery.WorkspaceId },
                new() { Value = options.Value.MaxDeliveries },
                new() { Value = options.Value.MaxBytes },
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A body whose answer is not sent yet.</summary>
    private sealed record RefusedBody(string? WorkspaceId, ClientNetwork Network, Signature Signature, RequestBody Body);

    private sealed record Waiting(ClientNetwork Network, UnverifiedDelivery Delivery);
}
