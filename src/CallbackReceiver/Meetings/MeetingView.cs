using System.Text.Json.Serialization;
using CallbackReceiver.Answers;
using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Meetings;

/// <summary>A meeting and one analysis of it. Names are the vendor's where the vendor has one.</summary>
internal sealed record MeetingView
{
    /// <summary>The workspace, as Seasalt names it.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>The meeting, as SeaMeet names it.</summary>
    public required string MeetingId { get; init; }

    /// <summary>The topic.</summary>
    [JsonConverter(typeof(LongTextConverter))]
    public string? Title { get; init; }

    /// <summary>The summary.</summary>
    [JsonConverter(typeof(LongTextConverter))]
    public string? Summary { get; init; }

    /// <summary>`A` (best) to `E`, or null where there was too little to judge by.</summary>
    public string? CustomerSatisfactionRating { get; init; }

    /// <summary>`A` (best) to `E`, or null where there was too little to judge by.</summary>
    public string? AgentPerformanceRating { get; init; }

    /// <summary>The feedback for the agent.</summary>
    [JsonConverter(typeof(LongTextConverter))]
    public string? AgentPerformanceFeedback { get; init; }

    /// <summary>The risk factor.</summary>
    [JsonConverter(typeof(LongTextConverter))]
    public string? RiskFactor { get; init; }

    /// <summary>The workspace's own analysis items, as they were sent: numbers as they were written; `NaN`, `Infinity` and `-Infinity`, which JSON does not have, as strings.</summary>
    public required JsonText Items { get; init; }

    /// <summary>What else stood in the callback beside the payload, as it was sent.</summary>
    public required JsonText Metadata { get; init; }

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
    public JsonText? Transcript { get; init; }

    /// <summary>Which of `items`, `metadata` and `transcript` cannot be shown, and are empty here; missing where all can.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Omitted { get; init; }

    public bool Omits(string field) => Omitted?.Contains(field) == true;

    /// <summary>Names the parts that are not there.</summary>
    /// <returns>Null where all are.</returns>
    public static IReadOnlyList<string>? OmittedOf(JsonText? items, JsonText? metadata, JsonText? transcript = null, int segments = 0)
    {
        if (items is not null && metadata is not null && (transcript is not null || segments == 0))
            return null;
        var omitted = new List<string>();
        if (items is null)
            omitted.Add("items");
        if (metadata is null)
            omitted.Add("metadata");
        if (transcript is null && segments > 0)
            omitted.Add("transcript");
        return omitted;
    }

    /// <summary>An earlier analysis, read from the body that brought it.</summary>
    public static MeetingView Of(Revisions meeting, int revision, Guid deliveryId, DateTime receivedAt, Analysis analysis)
    {
        var (items, metadata, transcript) = (JsonText.TryParse(analysis.Items.Span), JsonText.TryParse(analysis.Metadata.Span), JsonText.TryParse(analysis.Transcript.Span));
        return new()
        {
            WorkspaceId = meeting.WorkspaceId,
            MeetingId = meeting.MeetingId,
            Title = analysis.Title,
            Summary = analysis.Summary,
            CustomerSatisfactionRating = analysis.CustomerSatisfactionRating,
            AgentPerformanceRating = analysis.AgentPerformanceRating,
            AgentPerformanceFeedback = analysis.AgentPerformanceFeedback,
            RiskFactor = analysis.RiskFactor,
            Items = items ?? JsonText.EmptyObject,
            Metadata = metadata ?? JsonText.EmptyObject,
            Speakers = analysis.Speakers,
            Segments = analysis.Segments,
            Revision = revision,
            DeliveryId = deliveryId,
            FirstReceivedAt = meeting.FirstReceivedAt,
            ReceivedAt = receivedAt,
            Transcript = transcript ?? JsonText.EmptyArray,
            Omitted = OmittedOf(items, metadata, transcript, analysis.Segments),
        };
    }
}
