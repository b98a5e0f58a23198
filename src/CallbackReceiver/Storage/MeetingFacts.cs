using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

/// <summary>
/// What statistics count of a meeting's current analysis, and nothing else: many rows fit a page, where few whole meetings do. One row of
/// <c>facts</c>.
/// </summary>
internal sealed class MeetingFacts
{
    /// <summary>So many characters of a risk factor are in the index: it may be of any length, and what an index holds may not.</summary>
    public const int IndexedCharacters = 64;

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
        facts.HasIndex(f => new { f.WorkspaceId, f.CustomerSatisfactionRating, f.AgentPerformanceRating, f.ReceivedAt }).HasDatabaseName("ix_facts_ratings");

        // Another is of an expression, which the model cannot say: ix_facts_risk_factor.
        facts.Property(f => f.WorkspaceId).UseCollation("C");
        facts.Property(f => f.MeetingId).UseCollation("C");
    }
}
