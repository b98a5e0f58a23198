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
        entry.Property(d => d.WorkspaceId).UseCollation("C");
        entry.Property(d => d.MeetingId).UseCollation("C");
        entry.Property(d => d.Errors).HasColumnType("jsonb");
    }
}
