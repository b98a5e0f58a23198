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
internal sealed class Erasure(ManageDatabase dataSource, Spool spool, RemovalMetrics metrics, ReceiveClock clock)
{
    // They are in the ledger then, without their bytes, and are erased with the rest.
    private const string InsertSpooled = """
        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, outcome, meeting_id, key_id, received_at, duplicates)
        SELECT $1, delivery_id, body_sha256, 'ignored', $2, key_id, received_at, 0
        FROM unnest($3, $4, $5, $6) AS n (delivery_id, body_sha256, key_id, received_at)
        ORDER BY body_sha256
        ON CONFLICT (workspace_id, body_sha256) DO NOTHING
        """;

    /// <summary>Erases to the end, whether or not the reader waits for it.</summary>
    /// <returns>False where there is nothing of such a meeting.</returns>
    /// <exception cref="TimeoutException">Nobody knows whether the erasure would outlive a failover.</exception>
    public async Task<bool> RunAsync(string workspaceId, string meetingId, ClaimsPrincipal reader)
    {
        var cancellationToken = CancellationToken.None;
        if (meetingId.Contains('\0', StringComparison.Ordinal))
            return false;
        var spooled = spool.OfMeeting(workspaceId, meetingId);
        var removal = new Removal(workspaceId, [meetingId], reader.Identity?.Name ?? "", clock.Now); // the clock by which deliveries are received
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var naming = new NamingBodies(workspaceId, meetingId);
        await naming.LookAsync(connection, cancellationToken); // it may take its time, while nobody waits for a lock
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MeetingRemoval.LockOutLateDeliveriesAsync(connection, cancellationToken);
        if (spooled.Count > 0)
            await InsertAsync(connection, workspaceId, meetingId, spooled, cancellationToken);
        await naming.LookAsync(connection, cancellationToken); // at what has come since
        var removed = await MeetingRemoval.RunAsync(connection, removal with { AlsoDeliveries = naming.Found }, cancellationToken) ?? [];
        if (removed.Count + spooled.Count == 0)
            return false;
        await DurableCommit.RunAsync(connection);
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
