using System.Security.Claims;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Deliveries;

/// <summary>
/// Erases a meeting in one transaction, what waits in the spool included. What was kept as unverified is never parsed, so that nobody
/// knows its meeting; it goes by its age, and brings nothing back when it is replayed.
/// </summary>
internal sealed class Erasure(ManageDatabase dataSource, Spool spool, RemovalMetrics metrics, TimeProvider time)
{
    // They are in the ledger then, without their bytes, and are erased with the rest.
    private const string InsertSpooled = """
        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, outcome, meeting_id, key_id, received_at, duplicates)
        SELECT $1, delivery_id, body_sha256, 'ignored', $2, key_id, received_at, 0
        FROM unnest($3, $4, $5, $6) AS n (delivery_id, body_sha256, key_id, received_at)
        ORDER BY body_sha256
        ON CONFLICT (workspace_id, body_sha256) DO NOTHING
        """;

    /// <returns>False where there is nothing of such a meeting.</returns>
    public async Task<bool> RunAsync(string workspaceId, string meetingId, ClaimsPrincipal reader, CancellationToken cancellationToken)
    {
        if (meetingId.Contains('\0', StringComparison.Ordinal))
            return false;
        var spooled = spool.OfMeeting(workspaceId, meetingId);
        var removal = new Removal(workspaceId, [meetingId], reader.Identity?.Name ?? "", time.GetUtcNow());
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MeetingRemoval.LockOutLateDeliveriesAsync(connection, cancellationToken);
        if (spooled.Count > 0)
            await InsertAsync(connection, workspaceId, meetingId, spooled, cancellationToken);
        var removed = await MeetingRemoval.RunAsync(connection, removal, cancellationToken) ?? [];
        if (removed.Count + spooled.Count == 0)
            return false;
        await transaction.CommitAsync(cancellationToken);
        metrics.Erased(removed.Count);
        if (!spool.Erase(spooled))
            throw new SpoolException("The meeting is erased in PostgreSQL, but not in the spool.", new IOException());
        return true;
    }

    private static async Task InsertAsync(NpgsqlConnection connection, string workspaceId, string meetingId, IReadOnlyList<Delivery> spooled, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InsertSpooled, connection)
        {
            Parameters =
            {
                new() { Value = workspaceId },
                new() { Value = meetingId },
                new() { Value = spooled.Select(delivery => delivery.Id).ToArray() },
                new() { Value = spooled.Select(delivery => delivery.Sha256).ToArray() },
                new() { Value = spooled.Select(delivery => delivery.Body.KeyId).ToArray() },
                new() { Value = spooled.Select(delivery => delivery.ReceivedAt).ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
