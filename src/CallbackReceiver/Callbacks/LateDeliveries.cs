using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Deliveries that are stored long after they were received: from the spool, or replayed. One that was received before its meeting was
/// erased must not bring the meeting back; the ledger notes its digest and times only. An analysis received after the erasure is a new one.
/// </summary>
internal static class LateDeliveries
{
    private const string Erasures = """
        SELECT workspace_id, subject, audit_id, at FROM audit
        WHERE workspace_id = ANY ($1) AND audit_id >= $2 AND action = $3 AND subject = ANY ($4)
        """;

    /// <summary>Begins a transaction in which no meeting is erased until it ends.</summary>
    /// <returns>The deliveries in their order, those of erased meetings without what they say.</returns>
    public static async Task<IReadOnlyList<Delivery>> BeginAsync(NpgsqlConnection connection, IReadOnlyList<Delivery> deliveries, WriteLimit limits)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = DeliveryStatements.TimeoutSeconds };
        DeliveryStatements.AddBegin(batch, limits);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock_shared($1)") { Parameters = { new() { Value = MeetingRemoval.LateDeliveryLock } } });
        batch.BatchCommands.Add(ErasuresOf(deliveries));
        var erasedUntil = new Dictionary<(string, string), DateTime>();
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync(); // past the lock, which has a row of its own
        while (await reader.ReadAsync())
        {
            var (meeting, reach) = ((reader.GetString(0), reader.GetString(1)), ErasureReach.Of(reader.GetGuid(2), reader.GetDateTime(3)));
            if (!erasedUntil.TryGetValue(meeting, out var known) || known < reach)
                erasedUntil[meeting] = reach;
        }

        return erasedUntil.Count == 0 ? deliveries : [.. deliveries.Select(delivery => ErasedMeetingOf(delivery) is { } meetingId ? delivery.Erased(meetingId) : delivery)];

        string? ErasedMeetingOf(Delivery delivery) => delivery.Ledger.Meetings.FirstOrDefault(meetingId =>
            erasedUntil.TryGetValue((delivery.WorkspaceId, meetingId), out var until) && delivery.ReceivedAt.UtcDateTime <= until);
    }

    private static NpgsqlBatchCommand ErasuresOf(IReadOnlyList<Delivery> deliveries) => new(Erasures)
    {
        Parameters =
        {
            new() { Value = deliveries.Select(delivery => delivery.WorkspaceId).Distinct().ToArray() },
            new() { Value = TimeOrderedId.FirstOf(deliveries.Min(delivery => delivery.ReceivedAt)) },
            new() { Value = MeetingRemoval.Action },
            new() { Value = deliveries.SelectMany(delivery => delivery.Ledger.Meetings).Distinct().ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
        },
    };
}
