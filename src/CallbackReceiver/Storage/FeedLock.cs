using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// The lock of a workspace's feed, held until the transaction ends. Under it a workspace's changes are projected, its blocks are sealed, and
/// its meetings are erased. The writers of deliveries never take it.
/// </summary>
internal static class FeedLock
{
    /// <summary>Where PostgreSQL tells that a workspace has new events; the payload is the workspace.</summary>
    public const string Channel = "callback_receiver_events";

    private const string InsertFeed = "INSERT INTO feeds (workspace_id) VALUES ($1) ON CONFLICT DO NOTHING";
    private const string TryLockFeed = "SELECT last_event_id FROM feeds WHERE workspace_id = $1 FOR UPDATE SKIP LOCKED";
    private const string LockFeed = "SELECT last_event_id FROM feeds WHERE workspace_id = $1 FOR UPDATE";

    /// <returns>The number of the workspace's last event; null where another transaction holds the lock.</returns>
    public static async Task<long?> TryTakeAsync(NpgsqlConnection connection, string workspaceId, CancellationToken cancellationToken) =>
        await RunAsync(connection, TryLockFeed, workspaceId, cancellationToken)
        ?? (await RunAsync(connection, InsertFeed, workspaceId, cancellationToken) is null ? await RunAsync(connection, TryLockFeed, workspaceId, cancellationToken) : null);

    /// <summary>Waits for the lock.</summary>
    public static async Task TakeAsync(NpgsqlConnection connection, string workspaceId, CancellationToken cancellationToken)
    {
        await RunAsync(connection, InsertFeed, workspaceId, cancellationToken);
        await RunAsync(connection, LockFeed, workspaceId, cancellationToken);
    }

    public static NpgsqlBatchCommand Advance(string workspaceId, long lastEventId) => new("UPDATE feeds SET last_event_id = $2 WHERE workspace_id = $1")
    {
        Parameters = { new NpgsqlParameter<string> { TypedValue = workspaceId }, new NpgsqlParameter<long> { TypedValue = lastEventId } },
    };

    private static async Task<long?> RunAsync(NpgsqlConnection connection, string sql, string workspaceId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = workspaceId } } };
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
