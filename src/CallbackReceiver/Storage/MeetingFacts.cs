using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

/// <summary>
/// What statistics count of a meeting's current analysis, and nothing else: many rows fit a page, where few whole meetings do. One row of
/// <c>facts</c>.
/// </summary>
internal sealed class MeetingFacts
{
    public required string WorkspaceId { get; init; }

    public required string MeetingId { get; init; }

    public DateTime ReceivedAt { get; init; }

    public string? CustomerSatisfactionRating { get; init; }

    public string? AgentPerformanceRating { get; init; }

    public string? RiskFactor { get; init; }

    public required string[] Speakers { get; init; }
}

internal sealed class MeetingFactsConfiguration : IEntityTypeConfiguration<MeetingFacts>
{
    public void Configure(EntityTypeBuilder<MeetingFacts> facts)
    {
        facts.ToTable("facts");
        facts.HasKey(f => new { f.WorkspaceId, f.MeetingId });
        facts.HasIndex(f => new { f.WorkspaceId, f.ReceivedAt });
        facts.Property(f => f.WorkspaceId).UseCollation("C");
        facts.Property(f => f.MeetingId).UseCollation("C");
    }
}
