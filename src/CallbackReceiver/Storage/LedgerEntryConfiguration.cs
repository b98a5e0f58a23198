using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

internal sealed class LedgerEntryConfiguration : IEntityTypeConfiguration<LedgerEntry>
{
    public void Configure(EntityTypeBuilder<LedgerEntry> entry)
    {
        entry.ToTable("deliveries");
        entry.HasKey(d => new { d.WorkspaceId, d.DeliveryId });
        entry.HasIndex(d => new { d.WorkspaceId, d.BodySha256 }).IsUnique();

        // A stored delivery is found through its meeting. Only the few others need an index by meeting, which the receiving then hardly feels.
        entry.HasIndex(d => new { d.WorkspaceId, d.MeetingId }).HasFilter("outcome <> 'stored'");

        // Each in the order of receiving. What is stored is nearly all, and found by the primary key without looking at many others.
        entry.HasIndex(d => new { d.WorkspaceId, d.Outcome, d.DeliveryId }).HasFilter("outcome <> 'stored'");
        entry.HasIndex(d => new { d.WorkspaceId, d.Outcome, d.KeyId, d.DeliveryId }).HasFilter("outcome <> 'stored'");
        entry.HasIndex(d => new { d.WorkspaceId, d.KeyId, d.DeliveryId });
        entry.Property(d => d.WorkspaceId).UseCollation("C");
        entry.Property(d => d.MeetingId).UseCollation("C");
    }
}
