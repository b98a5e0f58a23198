using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Sees whether PostgreSQL takes writes: a delivery, a meeting and a change of a workspace that nobody has are inserted, deleted again, and
/// that is committed. What stops every delivery (a full disk, a standby, missing rights) stops this too; what is wrong with one does not.
/// </summary>
internal sealed class WriteProbe(NpgsqlDataSource dataSource)
{
    // The id of the workspace is empty, which no configured workspace's can be. Two replicas that probe at once use different ids.
    private const string Workspace = "";

    private const string InsertDelivery = """
        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, body, outcome, key_id, received_at, duplicates)
        VALUES ($1, $2, sha256($3), $3, 'ignored', '', $4, 0)
        """;

    private const string InsertMeeting = """
        INSERT INTO meetings (workspace_id, meeting_id, items, metadata, speakers, segments, delivery_ids, revision, first_received_at, received_at)
        VALUES ($1, $2, '{}', '{}', '{}', 0, ARRAY[$3], 1, $4, $4)
        """;

    private const string InsertChange = "INSERT INTO changes (workspace_id, delivery_id, meeting_id) VALUES ($1, $2, $3)";
    private const string DeleteChange = "DELETE FROM changes WHERE workspace_id = $1 AND delivery_id = $2";
    private const string DeleteMeeting = "DELETE FROM meetings WHERE workspace_id = $1 AND meeting_id = $2";
    private const string DeleteDelivery = "DELETE FROM deliveries WHERE workspace_id = $1 AND delivery_id = $2";

    /// <exception cref="NpgsqlException">PostgreSQL does not take writes.</exception>
    public async Task WriteAsync(WriteLimit limits)
    {
        var id = Guid.CreateVersion7();
        var name = id.ToString();
        var at = DateTime.UtcNow;
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { Timeout = DeliveryStatements.TimeoutSeconds };
        DeliveryStatements.AddBegin(batch, limits);
        batch.BatchCommands.Add(Command(InsertDelivery, Workspace, id, id.ToByteArray(), at));
        batch.BatchCommands.Add(Command(InsertMeeting, Workspace, name, id, at));
        batch.BatchCommands.Add(Command(InsertChange, Workspace, id, name));
        batch.BatchCommands.Add(Command(DeleteChange, Workspace, id));
        batch.BatchCommands.Add(Command(DeleteMeeting, Workspace, name));
        batch.BatchCommands.Add(Command(DeleteDelivery, Workspace, id));
        DeliveryStatements.AddCommit(batch);
        await batch.ExecuteNonQueryAsync();
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
