using CallbackReceiver.Access;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Finds what replicas of a version before leave out during an upgrade: meetings that no change tells of, and blocks that have other meetings than when
/// they were sealed, since an old replica that projects a late one, or erases one, does not open them.
/// </summary>
internal sealed class Omissions(BackgroundDatabase dataSource, ReloadingSetting<SigningKeys> signingKeys, ReceiveClock clock, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    /// <summary>Longer than a replica of the version before lives beside this one.</summary>
    private static readonly TimeSpan Lookback = TimeSpan.FromDays(1);

    // One statement for all workspaces: usually none has any.
    private const string SelectWorkspaces = """
        SELECT DISTINCT m.workspace_id
        FROM meetings m
        LEFT JOIN search s ON s.workspace_id = m.workspace_id AND s.meeting_id = m.meeting_id
        WHERE m.workspace_id = ANY ($1) AND m.received_at >= $2 AND s.delivery_id IS DISTINCT FROM m.delivery_ids[m.revision]
        """;

    // One that is just being projected may be found as well, and is projected twice: the same texts, and its event once.
    private const string InsertChanges = """
        INSERT INTO changes (workspace_id, delivery_id, meeting_id)
        SELECT m.workspace_id, m.delivery_ids[m.revision], m.meeting_id
        FROM meetings m
        LEFT JOIN search s ON s.workspace_id = m.workspace_id AND s.meeting_id = m.meeting_id
        WHERE m.workspace_id = $1 AND m.received_at >= $2 AND s.delivery_id IS DISTINCT FROM m.delivery_ids[m.revision]
        ON CONFLICT DO NOTHING
        """;

    private const string SelectChanged = """
        SELECT DISTINCT b.workspace_id
        FROM search_blocks b
        WHERE b.workspace_id = ANY ($1) AND b.to_at >= $2 AND b.segment_id IS NOT NULL
            AND b.meetings <> (SELECT count(*) FROM facts f WHERE f.workspace_id = b.workspace_id AND f.received_at >= b.from_at AND f.received_at < b.to_at)
        """;

    private static readonly string OpenChanged = BlockOpening.Statement("""
        b.to_at >= $2 AND b.meetings <> (SELECT count(*) FROM facts f WHERE f.workspace_id = $1 AND f.received_at >= b.from_at AND f.received_at < b.to_at)
        """);

    private long? foundAt;

    /// <summary>Notes changes for the meetings that were left out lately, and opens the blocks, unless that was done a moment ago.</summary>
    public async Task FindAsync(CancellationToken cancellationToken)
    {
        if (foundAt is { } earlier && time.GetElapsedTime(earlier) < Pause)
            return;
        var from = clock.Now - Lookback;
        foreach (var workspaceId in await SelectWorkspacesAsync(SelectWorkspaces, from, cancellationToken))
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await ExecuteAsync(connection, InsertChanges, workspaceId, from, cancellationToken);
        }

        foreach (var workspaceId in await SelectWorkspacesAsync(SelectChanged, from, cancellationToken))
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await FeedLock.TakeAsync(connection, workspaceId, cancellationToken);
            await ExecuteAsync(connection, OpenChanged, workspaceId, from, cancellationToken);
            await DurableCommit.RunAsync(connection);
        }

        foundAt = time.GetTimestamp();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, string workspaceId, DateTimeOffset from, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = workspaceId }, new() { Value = from } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<List<string>> SelectWorkspacesAsync(string sql, DateTimeOffset from, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new() { Value = signingKeys.Current.WorkspaceIds.ToArray() });
        command.Parameters.Add(new() { Value = from });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var workspaces = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            workspaces.Add(reader.GetString(0));
        return workspaces;
    }
}
