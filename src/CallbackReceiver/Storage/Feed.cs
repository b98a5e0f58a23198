using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

/// <summary>
/// The order of a workspace's events. Its row's lock lets one replica at a time project the workspace's changes, or erase a meeting of it:
/// what has a smaller number is committed earlier. One row of <c>feeds</c>.
/// </summary>
internal sealed class Feed
{
    public required string WorkspaceId { get; init; }

    /// <summary>The number of the last event; 0 before the first.</summary>
    public long LastEventId { get; init; }

    /// <summary>The number of the last event that is no longer kept, for its age; 0 where all are.</summary>
    public long TrimmedEventId { get; init; }
}

internal sealed class FeedConfiguration : IEntityTypeConfiguration<Feed>
{
    public void Configure(EntityTypeBuilder<Feed> feed)
    {
        feed.ToTable("feeds");
        feed.HasKey(f => f.WorkspaceId);
        feed.Property(f => f.WorkspaceId).UseCollation("C");
        feed.Property(f => f.LastEventId).HasDefaultValue(0L);
        feed.Property(f => f.TrimmedEventId).HasDefaultValue(0L);
    }
}
