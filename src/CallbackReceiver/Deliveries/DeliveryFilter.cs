using CallbackReceiver.Meetings;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Deliveries;

/// <summary>
/// Which deliveries of a workspace are asked for. A delivery's id is in the order of receiving, and so are the list, newest first, and a
/// replay, oldest first.
/// </summary>
internal sealed record DeliveryFilter(string WorkspaceId)
{
    private static readonly string[] Replayable = ["ignored", "quarantined", DeliveryView.UnverifiedOutcome];
    private static readonly string[] Outcomes = ["stored", "erased", .. Replayable];

    private static readonly QueryParameter Outcome = OutcomeOf(Outcomes);
    private static readonly QueryParameter ReplayableOutcome = OutcomeOf(Replayable);
    private static readonly QueryParameter MeetingIdParameter = new("meeting_id", "Only deliveries of this meeting.", "expected 1 to 200 characters");
    private static readonly QueryParameter ReceivedFrom = new("received_from", "Only deliveries received then or later.", QueryParameter.TimeExpectation);
    private static readonly QueryParameter ReceivedTo = new("received_to", "Only deliveries received before then.", QueryParameter.TimeExpectation);
    private static readonly QueryParameter After = new("cursor", "The `next_cursor` of the page before.", "expected the next_cursor of a page, as it was");

    private static readonly QueryParameter ReplayLimit = QueryParameter.Limit with { Description = $"The most deliveries to replay in this call; {QueryParameter.DefaultLimit} unless given." };
    private static readonly QueryParameter Behind = After with { Description = "The `next_cursor` of the answer before." };

    public static readonly QueryParameter[] Parameters = [Outcome, MeetingIdParameter, ReceivedFrom, ReceivedTo, QueryParameter.Limit, After];
    public static readonly QueryParameter[] ReplayParameters = [ReplayableOutcome, MeetingIdParameter, ReceivedFrom, ReceivedTo, ReplayLimit, Behind];

    private string? outcome;
    private string? meetingId;
    private DateTime? from;
    private DateTime? to;
    private Guid? after;

    /// <summary>The most rows of a page.</summary>
    public int Limit { get; private init; }

    public static DeliveryFilter Read(string workspaceId, QueryReader query) => Read(workspaceId, query, Outcome, Outcomes);

    /// <summary>Reads the filter of a replay, which finds only what can be replayed.</summary>
    public static DeliveryFilter ReadReplay(string workspaceId, QueryReader query) => Read(workspaceId, query, ReplayableOutcome, Replayable);

    private static DeliveryFilter Read(string workspaceId, QueryReader query, QueryParameter outcome, string[] outcomes) => new(workspaceId)
    {
        outcome = query.ReadText(outcome, outcomes.Contains),
        meetingId = query.ReadText(MeetingIdParameter, text => text.Length is >= 1 and <= 200 && !text.Contains('\0', StringComparison.Ordinal)),
        from = query.ReadTime(ReceivedFrom),
        to = query.ReadTime(ReceivedTo),
        after = query.Read<Guid>(After, text => Guid.TryParse(text, out var id) ? id : null),
        Limit = query.ReadLimit(),
    };

    public async Task<Page<DeliveryView>> ListAsync(ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var rows = new List<DeliveryView>();
        if (OfLedger)
        {
            rows.AddRange(await Entries(context).Where(entry => after == null || entry.DeliveryId < after)
                .OrderByDescending(entry => entry.DeliveryId).Take(Limit + 1).Select(DeliveryView.OfEntry).ToListAsync(cancellationToken));
        }

        if (OfUnverified)
        {
            rows.AddRange(await Unverified(context).Where(delivery => after == null || delivery.DeliveryId < after)
                .OrderByDescending(delivery => delivery.DeliveryId).Take(Limit + 1).Select(DeliveryView.OfUnverified).ToListAsync(cancellationToken));
        }

        var page = rows.OrderByDescending(row => InOrder(row.DeliveryId), StringComparer.Ordinal).Take(Limit).ToList();
        return new Page<DeliveryView>(page, rows.Count > Limit ? page[^1].DeliveryId.ToString() : null);
    }

    /// <summary>The next deliveries that can be replayed, the oldest first, and whether they are the last.</summary>
    public async Task<(IReadOnlyList<Guid> Ids, bool IsLast)> SelectReplayableAsync(ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        if (OfLedger)
        {
            // What is not stored has an index of its own, of few rows.
            ids.AddRange(await Entries(context).Where(entry => entry.Outcome != "stored" && Replayable.Contains(entry.Outcome) && entry.Body != null && (after == null || entry.DeliveryId > after))
                .OrderBy(entry => entry.DeliveryId).Take(Limit + 1).Select(entry => entry.DeliveryId).ToListAsync(cancellationToken));
        }

        if (OfUnverified)
        {
            ids.AddRange(await Unverified(context).Where(delivery => after == null || delivery.DeliveryId > after)
                .OrderBy(delivery => delivery.DeliveryId).Take(Limit + 1).Select(delivery => delivery.DeliveryId).ToListAsync(cancellationToken));
        }

        return ([.. ids.OrderBy(InOrder, StringComparer.Ordinal).Take(Limit)], ids.Count <= Limit);
    }

    private bool OfLedger => outcome != DeliveryView.UnverifiedOutcome;

    /// <summary>Nobody knows the meeting of what is unverified.</summary>
    private bool OfUnverified => outcome is null or DeliveryView.UnverifiedOutcome && meetingId is null;

    /// <summary>PostgreSQL sorts UUIDs byte by byte, as their text is.</summary>
    private static string InOrder(Guid deliveryId) => deliveryId.ToString();

    private static QueryParameter OutcomeOf(string[] outcomes) =>
        new("outcome", "Only deliveries of this outcome.", $"expected one of: {string.Join(", ", outcomes)}");

    private IQueryable<LedgerEntry> Entries(ReceiverDbContext context)
    {
        var entries = context.Deliveries.Where(entry => entry.WorkspaceId == WorkspaceId);
        if (outcome is not null)
            entries = entries.Where(entry => entry.Outcome == outcome);
        if (from is { } first)
            entries = entries.Where(entry => entry.ReceivedAt >= first);
        if (to is { } end)
            entries = entries.Where(entry => entry.ReceivedAt < end);
        if (meetingId is not null)
        {
            var stored = context.Meetings.Where(meeting => meeting.WorkspaceId == WorkspaceId && meeting.MeetingId == meetingId).SelectMany(meeting => meeting.DeliveryIds);
            entries = entries.Where(entry => (entry.Outcome != "stored" && entry.MeetingId == meetingId) || stored.Contains(entry.DeliveryId));
        }

        return entries;
    }

    private IQueryable<UnverifiedDelivery> Unverified(ReceiverDbContext context)
    {
        var deliveries = context.UnverifiedDeliveries.Where(delivery => delivery.WorkspaceId == WorkspaceId);
        if (from is { } first)
            deliveries = deliveries.Where(delivery => delivery.ReceivedAt >= first);
        if (to is { } end)
            deliveries = deliveries.Where(delivery => delivery.ReceivedAt < end);
        return deliveries;
    }
}
