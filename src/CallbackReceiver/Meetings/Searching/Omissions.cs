using CallbackReceiver.Access;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Finds meetings that no change tells of. During an upgrade a replica of the version before still stores some, and knows no changes.
/// </summary>
internal sealed class Omissions(NpgsqlDataSource dataSource, ReloadingSetting<SigningKeys> signingKeys, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    /// <summary>Longer than a replica of the version before lives beside this one.</summary>
    private static readonly TimeSpan Lookback = TimeSpan.FromDays(1);

    // One that is just being projected may be found as well, and is projected twice: the same texts, and its event once.
    private const string InsertChanges = """
        INSERT INTO changes (workspace_id, delivery_id, meeting_id)
        SELECT m.workspace_id, m.delivery_ids[m.revision], m.meeting_id
        FROM meetings m
        LEFT JOIN search s ON s.workspace_id = m.workspace_id AND s.meeting_id = m.meeting_id
        WHERE m.workspace_id = $1 AND m.received_at >= $2 AND s.delivery_id IS DISTINCT FROM m.delivery_ids[m.revision]
        ON CONFLICT DO NOTHING
        """;

    private long? foundAt;

    /// <summary>Notes changes for what was left out lately, unless that was done a moment ago.</summary>
    public async Task FindAsync(CancellationToken cancellationToken)
    {
        if (foundAt is { } last && time.GetElapsedTime(last) < Pause)
            return;
        foreach (var workspaceId in signingKeys.Current.WorkspaceIds)
        {
            await using var command = dataSource.CreateCommand(InsertChanges);
            command.Parameters.Add(new() { Value = workspaceId });
            command.Parameters.Add(new() { Value = time.GetUtcNow() - Lookback });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        foundAt = time.GetTimestamp();
    }
}
