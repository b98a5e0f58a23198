using System.Text;
using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Sees whether PostgreSQL takes writes: an analysis of a workspace that nobody has is inserted as every other is, deleted again, and that is
/// committed. What stops every delivery (a full disk, a standby, missing rights, another schema) stops this too; what is wrong with one does not.
/// </summary>
internal sealed class WriteProbe(NpgsqlDataSource dataSource)
{
    // The id of the workspace is empty, which no configured workspace's can be.
    private const string Workspace = "";

    private static readonly string[] Deletes =
    [
        "DELETE FROM changes WHERE workspace_id = $1 AND delivery_id = $2",
        "DELETE FROM meetings WHERE workspace_id = $1 AND meeting_id = $2::text",
        "DELETE FROM deliveries WHERE workspace_id = $1 AND delivery_id = $2",
    ];

    /// <exception cref="NpgsqlException">PostgreSQL does not take writes.</exception>
    public async Task WriteAsync(WriteLimit limits)
    {
        var probe = Analysis();
        var rows = LedgerRow.Distinct([probe]);
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { Timeout = DeliveryStatements.TimeoutSeconds };
        DeliveryStatements.AddBegin(batch, limits);
        batch.BatchCommands.Add(DeliveryStatements.DeliveriesOf(rows, areNew: true));
        batch.BatchCommands.Add(DeliveryStatements.MeetingsOf(rows, areNew: true, forOlderVersions: false));
        batch.BatchCommands.Add(DeliveryStatements.ChangesOf(rows, areNew: true));
        foreach (var delete in Deletes)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(delete) { Parameters = { new() { Value = Workspace }, new() { Value = probe.Id } } });
        DeliveryStatements.AddCommit(batch);
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Its meeting has the id of the delivery, so that two replicas that probe at once do not wait for each other.</summary>
    private static Delivery Analysis()
    {
        var id = Guid.CreateVersion7();
        var body = Encoding.UTF8.GetBytes($$"""
            {"event_name": "{{CallbackParser.AnalysisFinished}}", "meeting_id": "{{id}}", "payload": {"item": 1} }
            """);
        var verified = VerifiedBody.Restore(Workspace, keyId: "", body);
        return new Delivery(id, verified, CallbackParser.Parse(verified), DateTimeOffset.UtcNow);
    }
}
