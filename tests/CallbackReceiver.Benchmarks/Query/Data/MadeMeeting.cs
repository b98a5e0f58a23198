namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>A meeting as the generator makes it: one analysis, never received as bytes.</summary>
internal sealed record MadeMeeting
{
    public required string WorkspaceId { get; init; }

    public required string MeetingId { get; init; }

    public required Guid DeliveryId { get; init; }

    public required byte[] BodySha256 { get; init; }

    public required DateTime ReceivedAt { get; init; }

    public required string Title { get; init; }

    public required string Summary { get; init; }

    public required string? CustomerSatisfactionRating { get; init; }

    public required string? AgentPerformanceRating { get; init; }

    public required string? AgentPerformanceFeedback { get; init; }

    public required string? RiskFactor { get; init; }

    public required string Items { get; init; }

    public required string Metadata { get; init; }

    public required string[] Speakers { get; init; }

    public required int Segments { get; init; }

    /// <summary>JSON, in UTF-8.</summary>
    public required byte[] Transcript { get; init; }
}
