using CallbackReceiver.FaultTests.Traffic;

namespace CallbackReceiver.FaultTests.Rounds;

/// <summary>Holds what was answered against what is stored. Each rule yields a sentence for every breach.</summary>
internal sealed class Audit
{
    private readonly IReadOnlyList<Callback> callbacks;
    private readonly Tables tables;
    private readonly ILookup<string, DeliveryRow> rowsByDigest;
    private readonly Dictionary<string, MeetingRow> meetingsById;

    public Audit(IReadOnlyList<Callback> callbacks, Tables tables)
    {
        this.callbacks = callbacks;
        this.tables = tables;
        rowsByDigest = tables.Deliveries.ToLookup(row => row.BodySha256);
        meetingsById = tables.Meetings.ToDictionary(meeting => meeting.MeetingId);
    }

    /// <summary>What is wrong; empty where all is right.</summary>
    public IEnumerable<string> Wrongs() =>
        callbacks.SelectMany(WrongsOf)
            .Concat(Strangers())
            .Concat(callbacks.Select(callback => callback.Meeting).OfType<Meeting>().Distinct().SelectMany(WrongsOf))
            .Concat(tables.WrongProjections);

    /// <summary>Whether the ledger has it.</summary>
    public bool IsKept(Callback callback) => rowsByDigest.Contains(callback.Sha256);

    /// <summary>
    /// Whether it is said to have come more often than it was sent: a repeated body whose batch was given up may be counted twice
    /// (docs/decisions/0007).
    /// </summary>
    public bool IsOvercounted(Callback callback) => rowsByDigest[callback.Sha256].Any(row => row.Duplicates >= callback.Replies.Count);

    private IEnumerable<string> WrongsOf(Callback callback)
    {
        var rows = rowsByDigest[callback.Sha256].ToList();
        if (rows.Count > 1)
            yield return $"{Describe(callback)} is in the ledger {rows.Count} times";
        if (rows.Count == 0 && callback.IsAcknowledged)
            yield return $"{Describe(callback)} was acknowledged and is not in the ledger";
        if (rows.Count > 0 && callback.NeverArrived)
            yield return $"{Describe(callback)} never came to a service and is in the ledger";
        foreach (var wrong in rows.SelectMany(row => WrongsOf(callback, row)))
            yield return wrong;
    }

    private static IEnumerable<string> WrongsOf(Callback callback, DeliveryRow row)
    {
        if (row.StoredSha256 != callback.Sha256)
            yield return $"{Describe(callback)} is stored with other bytes than it was sent";
        if (row.Outcome != OutcomeOf(callback.Kind))
            yield return $"{Describe(callback)} is in the ledger as {row.Outcome}";
        if (row.MeetingId != callback.Meeting?.Id && callback.Kind == CallbackKind.Analysis)
            yield return $"{Describe(callback)} is in the ledger with meeting {row.MeetingId}";

        // What is answered as spooled may become a duplicate of the same bytes sent again. All other answers tell what is committed.
        var answered = callback.Replies.Where(reply => reply.IsAcknowledgement && reply.Kind != ReplyKind.Spooled).Select(reply => reply.DeliveryId!.Value);
        if (callback.Replies is [{ Kind: ReplyKind.Spooled } only])
            answered = answered.Append(only.DeliveryId!.Value);
        if (answered.Any(id => id != row.DeliveryId))
            yield return $"{Describe(callback)} is in the ledger as {row.DeliveryId}";
        if (row.Duplicates < callback.Replies.Count(reply => reply.Kind == ReplyKind.Duplicate))
            yield return $"{Describe(callback)} is in the ledger with {row.Duplicates} duplicates";
    }

    private IEnumerable<string> Strangers()
    {
        var sent = callbacks.Select(callback => callback.Sha256).ToHashSet();
        foreach (var row in tables.Deliveries.Where(row => !sent.Contains(row.BodySha256)))
            yield return $"the ledger has {row.DeliveryId}, which nobody sent";
        var meetings = callbacks.Select(callback => callback.Meeting?.Id).ToHashSet();
        foreach (var meeting in tables.Meetings.Where(meeting => !meetings.Contains(meeting.MeetingId)))
            yield return $"there is a meeting {meeting.MeetingId}, which nobody sent";
    }

    /// <summary>A meeting has exactly the ledger's deliveries of it, each once, and shows the one that was sent last.</summary>
    private IEnumerable<string> WrongsOf(Meeting meeting)
    {
        var kept = meeting.Analyses.Where(IsKept).ToList();
        var rows = kept.Select(callback => rowsByDigest[callback.Sha256].First()).ToList();
        if (!meetingsById.TryGetValue(meeting.Id, out var row))
        {
            if (kept.Count > 0)
                yield return $"meeting {meeting.Id} is missing, though the ledger has {kept.Count} of its analyses";
            yield break;
        }

        if (!row.DeliveryIds.Order().SequenceEqual(rows.Select(delivery => delivery.DeliveryId).Order()))
            yield return $"meeting {meeting.Id} has the deliveries {Join(row.DeliveryIds)}, and the ledger {Join(rows.Select(delivery => delivery.DeliveryId))}";
        if (kept.Count == 0)
            yield break;
        if (row.Title != kept[^1].Title)
            yield return $"meeting {meeting.Id} shows '{row.Title}', and not '{kept[^1].Title}', which was sent last";
        if (row.Revision != IndexOf(row, rows[^1].DeliveryId) + 1)
            yield return $"meeting {meeting.Id} says that it shows revision {row.Revision}, and shows {IndexOf(row, rows[^1].DeliveryId) + 1}";
        if (row.ReceivedAt != rows.Max(delivery => delivery.ReceivedAt) || row.FirstReceivedAt != rows.Min(delivery => delivery.ReceivedAt))
            yield return $"meeting {meeting.Id} has other times of receiving than its deliveries";
        foreach (var callback in kept.Where(callback => callback.Replies.Exists(reply => reply.Revision is { } said && said != RevisionOf(row, callback))))
            yield return $"{Describe(callback)} is revision {RevisionOf(row, callback)} of its meeting";
    }

    private int RevisionOf(MeetingRow meeting, Callback callback) => IndexOf(meeting, rowsByDigest[callback.Sha256].First().DeliveryId) + 1;

    private static int IndexOf(MeetingRow meeting, Guid deliveryId) => meeting.DeliveryIds.ToList().IndexOf(deliveryId);

    private static string OutcomeOf(CallbackKind kind) => kind switch
    {
        CallbackKind.Analysis => "stored",
        CallbackKind.OtherEvent => "ignored",
        _ => "quarantined",
    };

    private static string Describe(Callback callback) =>
        $"'{callback.Title ?? callback.Sha256}', answered {string.Join(", then ", callback.Replies.Select(reply => reply.Text.Length > 0 ? reply.Text : reply.Kind.ToString()))},";

    private static string Join(IEnumerable<Guid> ids) => string.Join(' ', ids);
}
