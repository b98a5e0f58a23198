using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Meetings;

/// <summary>A meeting and one analysis of it. Names are the vendor's where the vendor has one.</summary>
internal sealed record MeetingView
{
    /// <summary>The workspace, as Seasalt names it.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>The meeting, as SeaMeet names it.</summary>
    public required string MeetingId { get; init; }

    /// <summary>The topic.</summary>
    public string? Title { get; init; }

    /// <summary>The summary.</summary>
    public string? Summary { get; init; }

    /// <summary>`A` (best) to `E`, or null where there was too little to judge by.</summary>
    public string? CustomerSatisfactionRating { get; init; }

    /// <summary>`A` (best) to `E`, or null where there was too little to judge by.</summary>
    public string? AgentPerformanceRating { get; init; }

    /// <summary>The feedback for the agent.</summary>
    public string? AgentPerformanceFeedback { get; init; }

    /// <summary>The risk factor.</summary>
    public string? RiskFactor { get; init; }

    /// <summary>The workspace's own analysis items.</summary>
    public required JsonElement Items { get; init; }

    /// <summary>What else stood in the callback beside the payload.</summary>
    public required JsonElement Metadata { get; init; }

    /// <summary>The distinct speakers, in order of appearance.</summary>
    public required IReadOnlyList<string> Speakers { get; init; }

    /// <summary>The number of segments in the transcript.</summary>
    public required int Segments { get; init; }

    /// <summary>Which analysis of the meeting this is, counted from 1 in the order of storing.</summary>
    public required int Revision { get; init; }

    /// <summary>The delivery that brought this analysis.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>When the meeting's first analysis was received.</summary>
    public required DateTime FirstReceivedAt { get; init; }

    /// <summary>When this analysis was received.</summary>
    public required DateTime ReceivedAt { get; init; }

    /// <summary>The transcript, segments of `text` and `speaker`; only where one meeting is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Transcript { get; init; }

    /// <summary>Without the transcript, which then is not read from the database.</summary>
    public static Expression<Func<Meeting, MeetingView>> WithoutTranscript { get; } = meeting => new MeetingView
    {
        WorkspaceId = meeting.WorkspaceId,
        MeetingId = meeting.MeetingId,
        Title = meeting.Title,
        Summary = meeting.Summary,
        CustomerSatisfactionRating = meeting.CustomerSatisfactionRating,
        AgentPerformanceRating = meeting.AgentPerformanceRating,
        AgentPerformanceFeedback = meeting.AgentPerformanceFeedback,
        RiskFactor = meeting.RiskFactor,
        Items = meeting.Items,
        Metadata = meeting.Metadata,
        Speakers = meeting.Speakers,
        Segments = meeting.Segments,
        Revision = meeting.Revision,
        DeliveryId = meeting.DeliveryIds[meeting.Revision - 1],
        FirstReceivedAt = meeting.FirstReceivedAt,
        ReceivedAt = meeting.ReceivedAt,
    };

    private static readonly Func<Meeting, MeetingView> FromMeeting = WithoutTranscript.Compile();

    /// <summary>Without the transcript.</summary>
    public static MeetingView Of(Meeting meeting) => FromMeeting(meeting);

    /// <summary>An earlier analysis, read from the body that brought it.</summary>
    public static MeetingView Of(Revisions meeting, int revision, LedgerEntry entry, Analysis analysis) => new()
    {
        WorkspaceId = meeting.WorkspaceId,
        MeetingId = meeting.MeetingId,
        Title = analysis.Title,
        Summary = analysis.Summary,
        CustomerSatisfactionRating = analysis.CustomerSatisfactionRating,
        AgentPerformanceRating = analysis.AgentPerformanceRating,
        AgentPerformanceFeedback = analysis.AgentPerformanceFeedback,
        RiskFactor = analysis.RiskFactor,
        Items = JsonElement.Parse(analysis.Items.Span),
        Metadata = JsonElement.Parse(analysis.Metadata.Span),
        Speakers = analysis.Speakers,
        Segments = analysis.Segments,
        Revision = revision,
        DeliveryId = entry.DeliveryId,
        FirstReceivedAt = meeting.FirstReceivedAt,
        ReceivedAt = entry.ReceivedAt,
        Transcript = JsonElement.Parse(analysis.Transcript.Span),
    };
}
