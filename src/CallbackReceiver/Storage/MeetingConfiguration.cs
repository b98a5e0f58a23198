using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

internal sealed class MeetingConfiguration : IEntityTypeConfiguration<Meeting>
{
    public void Configure(EntityTypeBuilder<Meeting> meeting)
    {
        meeting.ToTable("meetings");
        meeting.HasKey(m => new { m.WorkspaceId, m.MeetingId });
        meeting.HasIndex(m => new { m.WorkspaceId, m.ReceivedAt, m.MeetingId });

        // Those that were analysed again, which are few.
        meeting.HasIndex(m => new { m.WorkspaceId, m.ReceivedAt }).HasDatabaseName("ix_meetings_moved").HasFilter("first_received_at < received_at");

        meeting.Property(m => m.ItemsAsJsonb).HasColumnName("items");
        meeting.Property(m => m.MetadataAsJsonb).HasColumnName("metadata");

        // As it came: nothing asks PostgreSQL what is in it.
        meeting.Property(m => m.Transcript).HasColumnType("json");

        // Ids are compared byte by byte: the same order on every server, and cheaper than a language's.
        meeting.Property(m => m.WorkspaceId).UseCollation("C");
        meeting.Property(m => m.MeetingId).UseCollation("C");
    }
}
