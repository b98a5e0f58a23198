using System.Security.Cryptography;
using System.Threading.Channels;
using CallbackReceiver.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CallbackReceiver.Callbacks.Unverified;

/// <summary>
/// Keeps what failed verification though it came with a well-formed signature for a workspace we know. It is written behind the answer,
/// so that whether something is kept does not show in the time, and what does not fit into memory or quota is dropped: anyone may send it.
/// </summary>
internal sealed class UnverifiedInbox(
    IOptions<UnverifiedOptions> options, NpgsqlDataSource dataSource, ReceiveClock clock, ILogger<UnverifiedInbox> logger)
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

    private readonly Channel<UnverifiedDelivery> queue = Channel.CreateBounded<UnverifiedDelivery>(MaxWaiting);
    private long waitingBytes;

    /// <summary>Copies the body, so that its buffer can be given back.</summary>
    public void Offer(string workspaceId, in Signature signature, ReadOnlyMemory<byte> body)
    {
        if (options.Value.MaxDeliveries == 0 || Interlocked.Add(ref waitingBytes, body.Length) > MaxWaitingBytes)
        {
            Interlocked.Add(ref waitingBytes, -body.Length);
            return;
        }

        var receivedAt = clock.Next();
        var delivery = new UnverifiedDelivery
        {
            WorkspaceId = workspaceId,
            DeliveryId = Guid.CreateVersion7(receivedAt),
            BodySha256 = SHA256.HashData(body.Span),
            Body = body.ToArray(),
            Signature = signature.Mac.ToArray(),
            ReceivedAt = receivedAt.UtcDateTime,
        };
        if (!queue.Writer.TryWrite(delivery))
            Interlocked.Add(ref waitingBytes, -body.Length);
    }

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var delivery in queue.Reader.ReadAllAsync(cancellationToken))
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
                Interlocked.Add(ref waitingBytes, -delivery.Body.Length);
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
}
