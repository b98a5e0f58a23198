using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Operations.Retention;

/// <summary>What is too old in one workspace, found by the keys as they are and removed a small batch at a time.</summary>
internal sealed class OldData(RemovalMetrics metrics, TimeProvider time)
{
    public const string Actor = "retention";

    private const int BatchMeetings = 50;
    private const int BatchRows = 200;

    private const string NextWorkspace = """
        SELECT min(workspace_id) FROM (
            (SELECT workspace_id FROM deliveries WHERE workspace_id > $1 ORDER BY workspace_id LIMIT 1)
            UNION ALL
            (SELECT workspace_id FROM unverified_deliveries WHERE workspace_id > $1 ORDER BY workspace_id LIMIT 1)
            UNION ALL
            (SELECT workspace_id FROM audit WHERE workspace_id > $1 ORDER BY workspace_id LIMIT 1)
        ) AS next
        """;

    private const string SelectMeetings = """
        SELECT meeting_id FROM meetings WHERE workspace_id = $1 AND received_at < $2 ORDER BY received_at, meeting_id LIMIT $3
        """;


    private const string DeleteUnverified = """
        DELETE FROM unverified_deliveries WHERE workspace_id = $1 AND delivery_id IN (
            SELECT delivery_id FROM unverified_deliveries WHERE workspace_id = $1 AND delivery_id < $2 ORDER BY delivery_id LIMIT $3)
        """;

    private const string DeleteAudit = """
        DELETE FROM audit WHERE workspace_id = $1 AND audit_id IN (
            SELECT audit_id FROM audit WHERE workspace_id = $1 AND audit_id < $2 AND action <> 'erase' ORDER BY audit_id LIMIT $3)
        """;

    /// <returns>The first workspace behind the given one that has anything; null behind the last.</returns>
    public static async Task<string?> NextWorkspaceAsync(NpgsqlConnection connection, string after, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(NextWorkspace, connection) { Parameters = { new() { Value = after } } };
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>Removes meetings whose current analysis is that old, as an erasure does.</summary>
    /// <returns>How many; 0 where none is left.</returns>
    public async Task<int> RemoveMeetingsAsync(NpgsqlConnection connection, string workspaceId, DateTimeOffset before, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await MeetingRemoval.LockOutLateDeliveriesAsync(connection, cancellationToken);
            if (await SelectMeetingsAsync(connection, workspaceId, before, cancellationToken) is not { Count: > 0 } meetings)
                return 0;
            var removal = new Removal(workspaceId, meetings, Actor, time.GetUtcNow()) { ReceivedBefore = before };
            if (await MeetingRemoval.RunAsync(connection, removal, cancellationToken) is not { } removed)
                continue; // one was analysed again since it was selected
            await DurableCommit.RunAsync(connection);
            metrics.Aged(removed.Count);
            return removed.Count;
        }
    }

    public static Task<int> DeleteUnverifiedAsync(NpgsqlConnection connection, string workspaceId, DateTimeOffset before, CancellationToken cancellationToken) =>
        DeleteAsync(DeleteUnverified, connection, workspaceId, before, cancellationToken);

    public static Task<int> DeleteAuditAsync(NpgsqlConnection connection, string workspaceId, DateTimeOffset before, CancellationToken cancellationToken) =>
        DeleteAsync(DeleteAudit, connection, workspaceId, before, cancellationToken);

    private static async Task<List<string>> SelectMeetingsAsync(NpgsqlConnection connection, string workspaceId, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectMeetings, connection)
        {
            Parameters = { new() { Value = workspaceId }, new() { Value = before, NpgsqlDbType = NpgsqlDbType.TimestampTz }, new() { Value = BatchMeetings } },
        };
        var meetings = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            meetings.Add(reader.GetString(0));
        return meetings;
    }

    private static async Task<int> DeleteAsync(string sql, NpgsqlConnection connection, string workspaceId, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters = { new() { Value = workspaceId }, new() { Value = TimeOrderedId.FirstOf(before) }, new() { Value = BatchRows } },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
