using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Storage;

/// <summary>
/// Removes meetings from every table: the one place that knows them all, for erasures and for retention. The ledger keeps digest and
/// times of their deliveries, so that the same bytes again bring nothing back; the audit row keeps any other delivery that was received
/// before from bringing it back late (<see cref="LateDeliveryLock"/>).
/// </summary>
internal static class MeetingRemoval
{
    public const string Action = "erase";
    public const string Outcome = "erased";

    /// <summary>
    /// A removal holds this advisory lock alone, and whoever stores deliveries late (from the spool, or replayed) holds it together with
    /// the like: either the late delivery is there for the removal to see, or the removal's audit row for the late delivery. The ASCII of
    /// "removal!". Receiving never takes it.
    /// </summary>
    public const long LateDeliveryLock = 0x72656D6F76616C21;

    // In the order in which every writer locks ledger rows. Those that are stored are found through their meeting, the others by its id, or
    // by what stands in them.
    private const string EraseDeliveries = """
        WITH named AS MATERIALIZED (
            SELECT delivery_id FROM deliveries WHERE workspace_id = $1 AND meeting_id = ANY ($2) AND outcome <> 'stored'
            UNION
            SELECT delivery_id FROM deliveries WHERE workspace_id = $1 AND delivery_id = ANY ($3) AND outcome <> 'stored'
            UNION
            SELECT unnest(delivery_ids) FROM meetings WHERE workspace_id = $1 AND meeting_id = ANY ($2)
        ), locked AS MATERIALIZED (
            SELECT delivery_id FROM deliveries
            WHERE workspace_id = $1 AND delivery_id IN (SELECT delivery_id FROM named) AND outcome <> 'erased'
            ORDER BY body_sha256
            FOR UPDATE
        )
        UPDATE deliveries AS d SET outcome = 'erased', body = NULL, errors = NULL, meeting_id = coalesce(d.meeting_id, ($2)[1])
        FROM locked
        WHERE d.workspace_id = $1 AND d.delivery_id = locked.delivery_id
        RETURNING CASE WHEN d.meeting_id = ANY ($2) THEN d.meeting_id ELSE ($2)[1] END, false
        """;

    private const string LockMeetings = """
        SELECT meeting_id, received_at >= $3 FROM meetings WHERE workspace_id = $1 AND meeting_id = ANY ($2) ORDER BY meeting_id FOR UPDATE
        """;

    // By their deliveries, for which there are indexes.
    private const string DeleteChanges = """
        DELETE FROM changes
        WHERE workspace_id = $1 AND delivery_id IN (SELECT unnest(delivery_ids) FROM meetings WHERE workspace_id = $1 AND meeting_id = ANY ($2))
        """;

    private const string DeleteEvents = """
        DELETE FROM events
        WHERE workspace_id = $1 AND delivery_id IN (SELECT unnest(delivery_ids) FROM meetings WHERE workspace_id = $1 AND meeting_id = ANY ($2))
        """;

    private const string DeleteTexts = "DELETE FROM search WHERE workspace_id = $1 AND meeting_id = ANY ($2)";

    private const string DeleteFacts = "DELETE FROM facts WHERE workspace_id = $1 AND meeting_id = ANY ($2)";

    // The blocks are sealed again without the terms of the meetings, and their segments written anew: within an hour nothing is left of them.
    // Each analysis was in the block of its own time, and its terms may be there still.
    private static readonly string OpenBlocks = BlockOpening.Statement("""
        b.from_at IN (
            SELECT (SELECT max(o.from_at) FROM search_blocks o WHERE o.workspace_id = $1 AND o.from_at <= d.received_at)
            FROM deliveries d
            WHERE d.workspace_id = $1 AND d.delivery_id IN (SELECT unnest(delivery_ids) FROM meetings WHERE workspace_id = $1 AND meeting_id = ANY ($2)))
        """);

    // Every further table that holds something of a meeting has its statement here, and its line in StatementsOf.
    private const string DeleteMeetings = """
        DELETE FROM meetings WHERE workspace_id = $1 AND meeting_id = ANY ($2) RETURNING meeting_id, false
        """;

    private const string InsertAudit = """
        INSERT INTO audit (workspace_id, audit_id, actor, action, subject, at)
        SELECT $1, audit_id, $2, $3, subject, $4 FROM unnest($5, $6) AS n (audit_id, subject)
        """;

    public static async Task LockOutLateDeliveriesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection) { Parameters = { new() { Value = LateDeliveryLock } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Removes the meetings in the transaction that is under way, after <see cref="LockOutLateDeliveriesAsync"/>.</summary>
    /// <param name="connection">The connection with the transaction.</param>
    /// <param name="removal">What to remove, and for whom.</param>
    /// <param name="cancellationToken">Ends the wait for PostgreSQL.</param>
    /// <returns>
    /// The meetings of which there was something; null where one of them has been analysed again too late for
    /// <see cref="Removal.ReceivedBefore"/>: then the transaction must be rolled back.
    /// </returns>
    public static async Task<IReadOnlyCollection<string>?> RunAsync(NpgsqlConnection connection, Removal removal, CancellationToken cancellationToken)
    {
        await FeedLock.TakeAsync(connection, removal.WorkspaceId, cancellationToken); // nobody projects the meetings while they go
        var found = new HashSet<string>(StringComparer.Ordinal);
        await using (var batch = new NpgsqlBatch(connection))
        {
            foreach (var statement in StatementsOf(removal))
                batch.BatchCommands.Add(statement);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            do
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    if (reader.GetBoolean(1))
                        return null;
                    found.Add(reader.GetString(0));
                }
            }
            while (await reader.NextResultAsync(cancellationToken));
        }

        if (found.Count > 0)
            await WriteAuditAsync(connection, removal, found, cancellationToken);
        return found;
    }

    /// <summary>
    /// Ledger before meetings, as the writers lock them. An analysis that was being stored meanwhile is in the ledger and the meeting once
    /// the meeting is locked: the ledger is erased again then, nearly always without finding anything.
    /// </summary>
    private static IEnumerable<NpgsqlBatchCommand> StatementsOf(Removal removal) =>
    [
        Of(EraseDeliveries, removal, new NpgsqlParameter { Value = removal.AlsoDeliveries.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid }),
        Of(LockMeetings, removal, new NpgsqlParameter { Value = removal.ReceivedBefore, NpgsqlDbType = NpgsqlDbType.TimestampTz }),
        Of(EraseDeliveries, removal, new NpgsqlParameter { Value = removal.AlsoDeliveries.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid }),
        Of(DeleteChanges, removal),
        Of(DeleteEvents, removal),
        Of(DeleteTexts, removal),
        Of(DeleteFacts, removal),
        Of(OpenBlocks, removal),
        Of(DeleteMeetings, removal),
    ];

    private static NpgsqlBatchCommand Of(string statement, Removal removal, params NpgsqlParameter[] more)
    {
        var command = new NpgsqlBatchCommand(statement)
        {
            Parameters = { new() { Value = removal.WorkspaceId }, new() { Value = removal.MeetingIds.ToArray() } },
        };
        foreach (var parameter in more)
            command.Parameters.Add(parameter);
        return command;
    }

    private static async Task WriteAuditAsync(NpgsqlConnection connection, Removal removal, IReadOnlyCollection<string> meetings, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InsertAudit, connection)
        {
            Parameters =
            {
                new() { Value = removal.WorkspaceId },
                new() { Value = removal.Actor },
                new() { Value = Action },
                new() { Value = removal.At },
                new() { Value = meetings.Select(_ => ErasureReach.NewAuditId(removal)).ToArray() },
                new() { Value = meetings.ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>What to remove.</summary>
/// <param name="WorkspaceId">The meetings' workspace.</param>
/// <param name="MeetingIds">The meetings.</param>
/// <param name="Actor">Who removes them, for the audit.</param>
/// <param name="At">When. What was received until then, and is not stored yet, is erased as soon as it comes to be stored.</param>
internal sealed record Removal(string WorkspaceId, IReadOnlyCollection<string> MeetingIds, string Actor, DateTimeOffset At)
{
    /// <summary>Spares meetings whose current analysis was received then or later, and whatever else was received then or later and is not stored yet.</summary>
    public DateTimeOffset ReceivedBefore { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Deliveries that are no analysis, and name the one meeting in a place of which the ledger does not know.</summary>
    public IReadOnlyCollection<Guid> AlsoDeliveries { get; init; } = [];
}
