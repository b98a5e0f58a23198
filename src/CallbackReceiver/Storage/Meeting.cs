using System.Text.Json;

namespace CallbackReceiver.Storage;

/// <summary>A meeting with its current analysis: the one received last. One row of <c>meetings</c>.</summary>
internal sealed class Meeting
{
    public required string WorkspaceId { get; init; }

    public required string MeetingId { get; init; }

    public string? Title { get; init; }

    public string? Summary { get; init; }

    public string? CustomerSatisfactionRating { get; init; }

    public string? AgentPerformanceRating { get; init; }

    public string? AgentPerformanceFeedback { get; init; }

    public string? RiskFactor { get; init; }

    /// <summary>The workspace's own items as versions before <see cref="ItemsAsSent"/> store them. JSON's null where those are in that column.</summary>
    public JsonElement ItemsAsJsonb { get; init; }

    /// <summary>The rest of the envelope, stored as <see cref="ItemsAsJsonb"/> is.</summary>
    public JsonElement MetadataAsJsonb { get; init; }

    /// <summary>
    /// The text of the JSON object with the workspace's own items: numbers, order and repeated names as they were sent. An older version that
    /// stores another analysis leaves this as it is: what counts is <see cref="ItemsAsJsonb"/> then, which is not null any more.
    /// </summary>
    public string? ItemsAsSent { get; init; }

    /// <inheritdoc cref="ItemsAsSent"/>
    public string? MetadataAsSent { get; init; }

    public required string[] Speakers { get; init; }

    public int Segments { get; init; }

    /// <summary>Null as long as the ledger has the body that brought it: it is read from there.</summary>
    public JsonElement? Transcript { get; init; }

    /// <summary>The deliveries of all the meeting's analyses in the order in which they were stored: revision n is the n-th.</summary>
    public required Guid[] DeliveryIds { get; init; }

    /// <summary>Which revision the current analysis is. The last one, but where an older analysis was stored late.</summary>
    public int Revision { get; init; }

    public DateTime FirstReceivedAt { get; init; }

    /// <summary>When the current analysis was received.</summary>
    public DateTime ReceivedAt { get; init; }
}
