using CallbackReceiver.Meetings;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Deliveries;

/// <summary>Which deliveries of a workspace are asked for. A delivery's id is in the order of receiving, and so is the list: newest first.</summary>
internal sealed record DeliveryFilter(string WorkspaceId)
{
    private static readonly string[] Outcomes = ["stored", "ignored", "quarantined", "erased", DeliveryView.UnverifiedOutcome];

    private static readonly QueryParameter Outcome = new("outcome", "Only deliveries of this outcome.", $"expected one of: {string.Join(", ", Outcomes)}");
    private static readonly QueryParameter MeetingIdParameter = new("meeting_id", "Only deliveries of this meeting.", "expected 1 to 200 characters");
    private static readonly QueryParameter ReceivedFrom = new("received_from", "Only deliveries received then or later.", QueryParameter.TimeExpectation);
    private static readonly QueryParameter ReceivedTo = new("received_to", "Only deliveries received before then.", QueryParameter.TimeExpectation);
    private static readonly QueryParameter After = new("cursor", "The `next_cursor` of the page before.", "expected the next_cursor of a page, as it was");

    public static readonly QueryParameter[] Parameters = [Outcome, MeetingIdParameter, ReceivedFrom, ReceivedTo, QueryParameter.Limit, After];

    private string? outcome;
    private string? meetingId;
    private DateTime? from;
    private DateTime? to;
    private Guid? after;

    /// <summary>The most rows of a page.</summary>
    public int Limit { get; private init; }

    public static DeliveryFilter Read(string workspaceId, QueryReader query) => new(workspaceId)
    {
        outcome = query.ReadText(Outcome, Outcomes.Contains),
        meetingId = query.ReadText(MeetingIdParameter, text => text.Length is >= 1 and <= 200 && !text.Contains('\0', StringComparison.Ordinal)),
        from = query.ReadTime(ReceivedFrom),
        to = query.ReadTime(ReceivedTo),
        after = query.Read<Guid>(After, text => Guid.TryParse(text, out var id) ? id : null),
        Limit = query.ReadLimit(),
    };

    public async Task<Page<DeliveryView>> ListAsync(ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var rows = new List<DeliveryView>();
        if (outcome != DeliveryView.UnverifiedOutcome)
            rows.AddRange(await Entries(context).OrderByDescending(entry => entry.DeliveryId).Take(Limit + 1).Select(DeliveryView.OfEntry).ToListAsync(cancellationToken));
        if (outcome is null or DeliveryView.UnverifiedOutcome && meetingId is null)
            rows.AddRange(await Unverified(context).OrderByDescending(delivery => delivery.DeliveryId).Take(Limit + 1).Select(DeliveryView.OfUnverified).ToListAsync(cancellationToken));

        // Both parts are sorted as PostgreSQL sorts UUIDs: byte by byte, as their text is.
        var page = rows.OrderByDescending(row => row.DeliveryId.ToString(), StringComparer.Ordinal).Take(Limit).ToList();
        return new Page<DeliveryView>(page, rows.Count > Limit ? page[^1].DeliveryId.ToString() : null);
    }

    private IQueryable<LedgerEntry> Entries(ReceiverDbContext context)
    {
        var entries = context.Deliveries.Where(entry => entry.WorkspaceId == WorkspaceId);
        if (after is { } last)
            entries = entries.Where(entry => entry.DeliveryId < last);
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
        if (after is { } last)
            deliveries = deliveries.Where(delivery => delivery.DeliveryId < last);
        if (from is { } first)
            deliveries = deliveries.Where(delivery => delivery.ReceivedAt >= first);
        if (to is { } end)
            deliveries = deliveries.Where(delivery => delivery.ReceivedAt < end);
        return deliveries;
    }
}
