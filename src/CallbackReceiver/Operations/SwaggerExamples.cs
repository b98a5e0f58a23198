using System.Text.Json;
using System.Text.Json.Nodes;
using CallbackReceiver.Answers;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Deliveries;
using CallbackReceiver.Meetings;
using CallbackReceiver.Meetings.Events;
using CallbackReceiver.Meetings.Exporting;
using CallbackReceiver.Meetings.Statistics;
using RatingCounts = System.Collections.Generic.OrderedDictionary<string, long>;

namespace CallbackReceiver.Operations;

/// <summary>An example of each type that the routes answer with.</summary>
internal static class SwaggerExamples
{
    private const string TranscriptLines = "customer: Hi, I'm calling about my documents.\nagent: Of course, let me look that up.\n";

    private const string CsvLines =
        "workspace_id,meeting_id,received_at,first_received_at,title,summary,customer_satisfaction_rating,agent_performance_rating,agent_performance_feedback,"
        + "risk_factor,items,metadata,speakers,segments,revision,delivery_id\r\n"
        + "demo,seax_bd4aeffdf09520dd077c7e541b9ae577,2026-01-31T09:30:00.000000Z,2026-01-31T09:30:00.000000Z,Document submission,"
        + "The customer needs to upload supplementary documents.,A,,The agent gave clear instructions.,Communication difficulties,"
        + "\"{\"\"upsell_opportunity\"\":\"\"High\"\"}\",{},customer; agent,2,1,019c1313-0d40-7b7c-8d24-3f1c5a1f6c11\r\n";

    private const string Workspace = "demo";
    private const string MeetingId = "seax_bd4aeffdf09520dd077c7e541b9ae577";

    private static readonly DateTime ReceivedAt = new(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc);
    private static readonly Guid DeliveryId = new("019c1313-0d40-7b7c-8d24-3f1c5a1f6c11");
    private static readonly JsonText Transcript = JsonText.Parse("""
        [{"text":"Hi, I'm calling about my documents.","speaker":"customer"},{"text":"Of course, let me look that up.","speaker":"agent"}]
        """);

    private static readonly MeetingView Listed = new()
    {
        WorkspaceId = Workspace,
        MeetingId = MeetingId,
        Title = "Document submission",
        Summary = "The customer needs to upload supplementary documents.",
        CustomerSatisfactionRating = "A",
        AgentPerformanceRating = null,
        AgentPerformanceFeedback = "The agent gave clear instructions.",
        RiskFactor = "Communication difficulties",
        Items = JsonText.Parse("""{"upsell_opportunity":"High"}"""),
        Metadata = JsonText.EmptyObject,
        Speakers = ["customer", "agent"],
        Segments = 2,
        Revision = 1,
        DeliveryId = DeliveryId,
        FirstReceivedAt = ReceivedAt,
        ReceivedAt = ReceivedAt,
    };

    private static readonly Receipt Stored = new(Outcome.Stored, DeliveryId, Workspace, MeetingId, Revision: 1);

    private static readonly Receipt Quarantined = new(Outcome.Quarantined, DeliveryId, Workspace, MeetingId,
        Errors: [new SchemaError("/payload/customer_satisfaction_rating", "a rating is \"A\", \"B\", \"C\", \"D\", \"E\" or null")]);

    private static readonly DeliveryView Delivery = new()
    {
        DeliveryId = DeliveryId,
        Outcome = "stored",
        EventName = "dashboard_analysis_finished",
        MeetingId = MeetingId,
        KeyId = "a22f88b3",
        ReceivedAt = ReceivedAt,
        Duplicates = 0,
        Bytes = 3819,
        BodySha256 = "6f0c3f1f3f0c7b1f0a9d4d5e2b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b",
    };

    private static readonly Dictionary<string, long> OneStored = new() { ["stored"] = 1, ["ignored"] = 0, ["quarantined"] = 0, ["erased"] = 0, ["unverified"] = 0 };

    private static readonly DeliveryCounts Counts = new()
    {
        ReceivedFrom = new DateTime(2026, 1, 30, 16, 0, 0, DateTimeKind.Utc),
        ReceivedTo = new DateTime(2026, 1, 31, 16, 0, 0, DateTimeKind.Utc),
        Interval = "day",
        TimeZone = "Asia/Taipei",
        Deliveries = 1,
        Outcomes = OneStored,
        Series = [new(new DateTimeOffset(2026, 1, 31, 0, 0, 0, TimeSpan.FromHours(8)), new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.FromHours(8)), 1, OneStored)],
    };

    private static readonly QuarantineView Quarantine = new(1, Complete: true,
        [new("/payload/customer_satisfaction_rating", "a rating is \"A\", \"B\", \"C\", \"D\", \"E\" or null", 1, ReceivedAt, ReceivedAt, DeliveryId)]);

    private static readonly AuditView Replayed = new(new Guid("019c1315-7e10-7b7c-8d24-3f1c5a1f6c12"), "operations", "replay", DeliveryId.ToString(), ReceivedAt.AddHours(1));

    private static readonly RatingCounts OneA = new() { ["A"] = 1, ["B"] = 0, ["C"] = 0, ["D"] = 0, ["E"] = 0, ["null"] = 0 };
    private static readonly RatingCounts OneNull = new() { ["A"] = 0, ["B"] = 0, ["C"] = 0, ["D"] = 0, ["E"] = 0, ["null"] = 1 };
    private static readonly RiskFactorCount[] RiskFactors = [new("Communication difficulties", 1)];

    private static readonly StatisticsView Statistics = new()
    {
        ReceivedFrom = new DateTime(2026, 1, 30, 16, 0, 0, DateTimeKind.Utc),
        ReceivedTo = new DateTime(2026, 1, 31, 16, 0, 0, DateTimeKind.Utc),
        Interval = "day",
        TimeZone = "Asia/Taipei",
        Meetings = 1,
        CustomerSatisfactionRating = OneA,
        AgentPerformanceRating = OneNull,
        RiskFactors = RiskFactors,
        Speakers = [new("agent", 1, OneA, OneNull), new("customer", 1, OneA, OneNull)],
        Series =
        [
            new(new DateTimeOffset(2026, 1, 31, 0, 0, 0, TimeSpan.FromHours(8)), new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.FromHours(8)), 1, OneA, OneNull, RiskFactors),
        ],
    };

    /// <returns>Null for a type that needs none, such as a problem, which is an example of itself.</returns>
    public static object? Of(Type type, int status) => (type, status) switch
    {
        _ when type == typeof(Receipt) => status == StatusCodes.Status200OK ? Stored : Quarantined,
        _ when type == typeof(WorkspaceList) => new WorkspaceList([new WorkspaceView(Workspace, 1, ReceivedAt)]),
        _ when type == typeof(Page<MeetingView>) => new Page<MeetingView>([Listed], new MeetingCursor(new ListPlace(ReceivedAt, MeetingId), ReceivedAt).ToString(Workspace)),
        _ when type == typeof(MeetingView) => Listed with { Transcript = Transcript },
        _ when type == typeof(IReadOnlyList<SegmentView>) => Transcript,
        _ when type == typeof(NeighboursView) => new NeighboursView("seax_0d5c6cd8a13b4b2f8a77f3c2f8a1f0aa", null),
        _ when type == typeof(StatisticsView) => Statistics,
        _ when type == typeof(RevisionList) => new RevisionList([new RevisionView(1, DeliveryId, ReceivedAt, Current: true, Available: true)]),
        _ when type == typeof(DeliveryView) => Delivery,
        _ when type == typeof(ReplayReport) => new ReplayReport(50, new Dictionary<string, int> { ["quarantined"] = 2, ["stored"] = 48 }, DeliveryId),
        _ when type == typeof(DeliveryCounts) => Counts,
        _ when type == typeof(QuarantineView) => Quarantine,
        _ when type == typeof(KeyList) => new KeyList([new KeyUse("a22f88b3", Configured: true, ReceivedAt, ReceivedAt)]),
        _ when type == typeof(Page<AuditView>) => new Page<AuditView>([Replayed], Replayed.AuditId.ToString()),
        _ when type == typeof(Page<DeliveryView>) => new Page<DeliveryView>([Delivery], DeliveryId.ToString()),
        _ => null,
    };

    /// <summary>An example of a parameter of a path; null for one that has none yet.</summary>
    public static JsonNode? OfPathParameter(string name) => name switch
    {
        WorkspaceFilter.RouteParameter => Workspace,
        Meetings.MeetingId.RouteParameter => MeetingId,
        "delivery_id" => DeliveryId.ToString(),
        "revision" => 1,
        _ => null,
    };

    /// <summary>An example of an answer that is not JSON; null for one that is.</summary>
    /// <param name="contentType">What the answer is.</param>
    /// <param name="json">How JSON within it is written.</param>
    public static string? OfContent(string contentType, JsonSerializerOptions json) => contentType switch
    {
        TranscriptText.ContentType => TranscriptLines,
        NdJsonExport.ContentType => JsonSerializer.Serialize(Listed, json) + "\n",
        "text/csv" => CsvLines,
        EventsApi.ContentType => $"event: meeting\ndata: {JsonSerializer.Serialize(Listed, json)}\nid: 1\n\n",
        "application/octet-stream" => SwaggerCallbacks.Captured,
        _ => null,
    };
}
