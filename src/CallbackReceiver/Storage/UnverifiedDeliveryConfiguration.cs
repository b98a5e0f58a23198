using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

internal sealed class UnverifiedDeliveryConfiguration : IEntityTypeConfiguration<UnverifiedDelivery>
{
    public void Configure(EntityTypeBuilder<UnverifiedDelivery> delivery)
    {
        delivery.ToTable("unverified_deliveries");
        delivery.HasKey(d => new { d.WorkspaceId, d.DeliveryId });
        delivery.HasIndex(d => new { d.WorkspaceId, d.BodySha256, d.Signature }).IsUnique();
        delivery.Property(d => d.WorkspaceId).UseCollation("C");
    }
}
