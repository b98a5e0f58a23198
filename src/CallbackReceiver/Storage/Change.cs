using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

/// <summary>
/// A delivery that changed a meeting and is neither searchable nor told yet. Written with the meeting, in its transaction; taken away by
/// the projection, in that of what it makes of it. One row of <c>changes</c>.
/// </summary>
internal sealed class Change
{
    public required string WorkspaceId { get; init; }

    public Guid DeliveryId { get; init; }

    public required string MeetingId { get; init; }

    /// <summary>False where the meeting is only to be made searchable again, and no listener is told.</summary>
    public bool Announce { get; init; }
}

internal sealed class ChangeConfiguration : IEntityTypeConfiguration<Change>
{
    public void Configure(EntityTypeBuilder<Change> change)
    {
        change.ToTable("changes");
        change.HasKey(c => new { c.WorkspaceId, c.DeliveryId });
        change.Property(c => c.WorkspaceId).UseCollation("C");
        change.Property(c => c.MeetingId).UseCollation("C");
        change.Property(c => c.Announce).HasDefaultValue(true).HasSentinel(true);
    }
}
