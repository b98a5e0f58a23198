using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

/// <summary>That an analysis of a meeting was stored, for those who listen, now or after a while away. One row of <c>events</c>.</summary>
internal sealed class MeetingEvent
{
    public required string WorkspaceId { get; init; }

    /// <summary>Counted from 1 within the workspace, without order among workspaces.</summary>
    public long EventId { get; init; }

    public required string MeetingId { get; init; }

    public Guid DeliveryId { get; init; }

    /// <summary>The revision that the delivery brought.</summary>
    public int Revision { get; init; }

    /// <summary>When the event was made, by PostgreSQL's clock: its age.</summary>
    public DateTime At { get; init; }
}

internal sealed class MeetingEventConfiguration : IEntityTypeConfiguration<MeetingEvent>
{
    public void Configure(EntityTypeBuilder<MeetingEvent> happened)
    {
        happened.ToTable("events");
        happened.HasKey(e => new { e.WorkspaceId, e.EventId });

        // The same delivery may be written again, where the answer to its commit was lost: it is told once.
        happened.HasIndex(e => new { e.WorkspaceId, e.DeliveryId }).IsUnique();
        happened.Property(e => e.WorkspaceId).UseCollation("C");
        happened.Property(e => e.MeetingId).UseCollation("C");
        happened.Property(e => e.At).HasDefaultValueSql("now()");
    }
}
