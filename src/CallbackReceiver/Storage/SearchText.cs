using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

/// <summary>The text of a meeting's current analysis, folded for comparing. One row of <c>search</c>.</summary>
internal sealed class SearchText
{
    public required string WorkspaceId { get; init; }

    public required string MeetingId { get; init; }

    /// <summary>The delivery whose analysis it is.</summary>
    public Guid DeliveryId { get; init; }

    public required string Text { get; init; }

    /// <summary>A hash of the text and of the folding's number. Null or wrong where another version of the service folded it.</summary>
    public long? Folded { get; init; }
}

internal sealed class SearchTextConfiguration : IEntityTypeConfiguration<SearchText>
{
    public void Configure(EntityTypeBuilder<SearchText> search)
    {
        search.ToTable("search");
        search.HasKey(s => new { s.WorkspaceId, s.MeetingId });
        search.Property(s => s.WorkspaceId).UseCollation("C");
        search.Property(s => s.MeetingId).UseCollation("C");
        search.Property(s => s.Text).UseCollation("C");
    }
}
