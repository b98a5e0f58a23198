using CallbackReceiver.Meetings;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Deliveries;

/// <summary>
/// Which deliveries of a workspace are asked for. A delivery's id is in the order of receiving, and so are the list, newest first, and a
/// replay, oldest first. Each outcome is read by a query of its own, which an index gives in that order, and what they find is put together.
/// </summary>
internal sealed record DeliveryFilter(string WorkspaceId)
{
    private const string Stored = "stored";

    public static readonly QueryParameter ReceivedFrom = new("received_from", "Only deliveries received then or later.", QueryParameter.TimeExpectation);
    public static readonly QueryParameter ReceivedTo = new("received_to", "Only deliveries received before then.", QueryParameter.TimeExpectation);

    private static readonly string[] Replayable = ["ignored", "quarantined", DeliveryView.UnverifiedOutcome];
    private static readonly string[] Outcomes = [Stored, "erased", .. Replayable];

    private static readonly QueryParameter Outcome = OutcomeOf(Outcomes);
    private static readonly QueryParameter ReplayableOutcome = OutcomeOf(Replayable);
    private static readonly QueryParameter MeetingIdParameter = new("meeting_id", "Only deliveries of this meeting.", "expected 1 to 200 characters");
    private static readonly QueryParameter KeyId = new("key_id", "Only deliveries that this key signed.", "expected 1 to 64 characters");

    private static readonly QueryParameter Reason = new(
        "reason", "Only deliveries whose first error has this reason, wherever in the body `… from byte n on` says that it is.", "expected 1 to 500 characters");

    private static readonly QueryParameter ErrorPath = new(
        "path", "Only deliveries whose first error is at this path, with `*` or any number for the place in a list; together with `reason`.", "expected up to 500 characters, together with reason");

    private static readonly QueryParameter After = new("cursor", "The `next_cursor` of the page before.", "expected the next_cursor of a page, as it was");

    private static readonly QueryParameter ReplayLimit = QueryParameter.Limit with { Description = $"The most deliveries to replay in this call; {QueryParameter.DefaultLimit} unless given." };
    private static readonly QueryParameter Behind = After with { Description = "The `next_cursor` of the answer before." };

    // Not constant, as those are which PostgreSQL is sent word for word.
    private static readonly string OfReason = $$"""SELECT * FROM deliveries WHERE workspace_id = {0} AND errors IS NOT NULL AND {{QuarantineReason.ReasonInSql}} = {1}""";
    private static readonly string OfReasonAtPath = $$"""{{OfReason}} AND {{QuarantineReason.PathInSql}} = {2}""";

    public static readonly QueryParameter[] Parameters = [Outcome, MeetingIdParameter, KeyId, Reason, ErrorPath, ReceivedFrom, ReceivedTo, QueryParameter.Limit, After];
    public static readonly QueryParameter[] ReplayParameters = [ReplayableOutcome, MeetingIdParameter, KeyId, Reason, ErrorPath, ReceivedFrom, ReceivedTo, ReplayLimit, Behind];

    private string[] outcomes = [];
    private string? meetingId;
    private string? keyId;
    private string? reason;
    private string? path;
    private DateTime? from;
    private DateTime? to;
    private Guid? after;

    /// <summary>The most rows of a page.</summary>
    public int Limit { get; private init; }

    public static DeliveryFilter Read(string workspaceId, QueryReader query) => Read(workspaceId, query, Outcome);

    /// <summary>Reads the filter of a replay, which finds only what can be replayed.</summary>
    public static DeliveryFilter ReadReplay(string workspaceId, QueryReader query)
    {
        var filter = Read(workspaceId, query, ReplayableOutcome);
        return filter.outcomes.Length > 0 ? filter : filter with { outcomes = Replayable };
    }

    private static DeliveryFilter Read(string workspaceId, QueryReader query, QueryParameter outcome)
    {
        var filter = new DeliveryFilter(workspaceId)
        {
            outcomes = query.ReadValues(outcome),
            meetingId = query.ReadText(MeetingIdParameter, text => IsText(text, 200)),
            keyId = query.ReadText(KeyId, text => IsText(text, 64)),
            reason = query.ReadText(Reason, text => IsText(text, 500)) is { } reason ? QuarantineReason.ReasonOf(reason) : null,
            path = query.ReadText(ErrorPath, text => text.Length == 0 || IsText(text, 500)) is { } path ? QuarantineReason.PathOf(path) : null,
            from = query.ReadTime(ReceivedFrom),
            to = query.ReadTime(ReceivedTo),
            after = query.Read<Guid>(After, text => Guid.TryParse(text, out var id) ? id : null),
            Limit = query.ReadLimit(),
        };
        if (filter is { path: not null, reason: null })
            query.Refuse(ErrorPath, ErrorPath.Expectation);
        return filter;
    }

    public async Task<Page<DeliveryView>> ListAsync(ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var rows = new List<DeliveryView>();
        foreach (var entries in Entries(context, FirstId, Earlier(after ?? Guid.AllBitsSet, EndId)))
        {
            var ordered = keyId is null ? entries.OrderByDescending(entry => entry.DeliveryId) : entries.OrderByDescending(entry => entry.KeyId).ThenByDescending(entry => entry.DeliveryId);
            rows.AddRange(await ordered.Take(Limit + 1).Select(DeliveryView.OfEntry).ToListAsync(cancellationToken));
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
        foreach (var entries in Entries(context, FirstId, EndId))
        {
            var kept = entries.Where(entry => entry.Body != null && (after == null || entry.DeliveryId > after));
            var ordered = keyId is null ? kept.OrderBy(entry => entry.DeliveryId) : kept.OrderBy(entry => entry.KeyId).ThenBy(entry => entry.DeliveryId);
            ids.AddRange(await ordered.Take(Limit + 1).Select(entry => entry.DeliveryId).ToListAsync(cancellationToken));
        }

        if (OfUnverified)
        {
            ids.AddRange(await Unverified(context).Where(delivery => after == null || delivery.DeliveryId > after)
                .OrderBy(delivery => delivery.DeliveryId).Take(Limit + 1).Select(delivery => delivery.DeliveryId).ToListAsync(cancellationToken));
        }

        return ([.. ids.OrderBy(InOrder, StringComparer.Ordinal).Take(Limit)], ids.Count <= Limit);
    }

    /// <summary>
    /// Times are looked for as ids, so that the index which has the order has the time too. Only of a delivery that was spooled by a clock that was wrong is
    /// the id's time another one: a list of some time lacks it.
    /// </summary>
    private Guid FirstId => from is { } time ? TimeOrderedId.FirstOf(time) : Guid.Empty;

    private Guid EndId => to is { } time ? TimeOrderedId.EndOf(time) : Guid.AllBitsSet;

    /// <summary>Nobody knows the meeting, the key or the errors of what is unverified.</summary>
    private bool OfUnverified => IsAsked(DeliveryView.UnverifiedOutcome) && meetingId is null && keyId is null && reason is null;

    /// <summary>PostgreSQL sorts UUIDs byte by byte, as their text is.</summary>
    private static string InOrder(Guid deliveryId) => deliveryId.ToString();

    private static QueryParameter OutcomeOf(string[] outcomes) =>
        new("outcome", "Only deliveries of this outcome, or of one of these where it is given several times.", $"expected one of: {string.Join(", ", outcomes)}")
        { Values = outcomes, IsRepeatable = true };

    private static bool IsText(string text, int longest) => text.Length >= 1 && text.Length <= longest && !text.Contains('\0', StringComparison.Ordinal);

    private bool IsAsked(string outcome) => outcomes.Length == 0 || outcomes.Contains(outcome);

    private static Guid Earlier(Guid one, Guid other) => string.CompareOrdinal(InOrder(one), InOrder(other)) < 0 ? one : other;

    /// <summary>The queries that together find what the ledger has from an id on, and before another one; none finds what another one does.</summary>
    private IEnumerable<IQueryable<LedgerEntry>> Entries(ReceiverDbContext context, Guid first, Guid end)
    {
        var entries = Within(context, first, end);
        if (meetingId is null && outcomes.Length == 0)
            return [entries];
        if (meetingId is null && reason is not null)
            return [entries.Where(entry => outcomes.Contains(entry.Outcome))];
        return Outcomes.Where(outcome => outcome != DeliveryView.UnverifiedOutcome && IsAsked(outcome))
            .Select(outcome => outcome == Stored ? OfStored(context, entries) : OfOthers(entries, outcome));
    }

    /// <summary>A stored delivery is found through its meeting.</summary>
    private IQueryable<LedgerEntry> OfStored(ReceiverDbContext context, IQueryable<LedgerEntry> entries)
    {
        entries = entries.Where(entry => entry.Outcome == Stored);
        if (meetingId is null)
            return entries;
        var ofMeeting = context.Meetings.Where(meeting => meeting.WorkspaceId == WorkspaceId && meeting.MeetingId == meetingId).SelectMany(meeting => meeting.DeliveryIds);
        return entries.Where(entry => ofMeeting.Contains(entry.DeliveryId));
    }

    /// <summary>What is not stored has indexes of its own, of few rows: by outcome and by meeting.</summary>
    private IQueryable<LedgerEntry> OfOthers(IQueryable<LedgerEntry> entries, string outcome)
    {
        entries = entries.Where(entry => entry.Outcome != Stored && entry.Outcome == outcome);
        return meetingId is null ? entries : entries.Where(entry => entry.MeetingId == meetingId);
    }

    /// <remarks>
    /// Compared with an id together, a key is looked for by the index that has both in order: were they compared one by one, PostgreSQL might go through the
    /// primary key instead, and past all deliveries that other keys signed since.
    /// </remarks>
    private IQueryable<LedgerEntry> Within(ReceiverDbContext context, Guid first, Guid end)
    {
        var all = (reason, path) switch
        {
            (null, _) => context.Deliveries,
            (_, null) => context.Deliveries.FromSqlRaw(OfReason, WorkspaceId, reason),
            _ => context.Deliveries.FromSqlRaw(OfReasonAtPath, WorkspaceId, reason, path),
        };
        var entries = all.Where(entry => entry.WorkspaceId == WorkspaceId);
        entries = keyId is null
            ? entries.Where(entry => entry.DeliveryId >= first && entry.DeliveryId < end)
            : entries.Where(entry =>
                EF.Functions.GreaterThanOrEqual(ValueTuple.Create(entry.KeyId, entry.DeliveryId), ValueTuple.Create(keyId, first))
                && EF.Functions.LessThan(ValueTuple.Create(entry.KeyId, entry.DeliveryId), ValueTuple.Create(keyId, end)));
        if (from is not null)
            entries = entries.Where(entry => entry.ReceivedAt >= from);
        return to is null ? entries : entries.Where(entry => entry.ReceivedAt < to);
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
