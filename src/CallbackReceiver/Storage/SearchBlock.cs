using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

/// <summary>
/// A stretch of a workspace's time, and where the terms of the meetings received in it are found. The blocks of a workspace cover all time
/// without overlap. A block that is open, which the last one always is, may hold meetings of any terms. One row of <c>search_blocks</c>.
/// </summary>
/// <remarks>The table has a column <c>terms</c> as well, which only replicas of an older version read and write.</remarks>
internal sealed class SearchBlock
{
    public required string WorkspaceId { get; init; }

    public DateTime FromAt { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTime ToAt { get; init; }

    /// <summary>The segment that has the terms; null while the block is open, and the empty id where it has no meetings.</summary>
    public Guid? SegmentId { get; init; }

    /// <summary>The place of its first meeting in the segment.</summary>
    public int? FirstPlace { get; init; }

    /// <summary>How many meetings it has.</summary>
    public int? Meetings { get; init; }

    /// <summary>Their ids, in the order of their places.</summary>
    public string[]? MeetingIds { get; init; }
}

internal sealed class SearchBlockConfiguration : IEntityTypeConfiguration<SearchBlock>
{
    public void Configure(EntityTypeBuilder<SearchBlock> block)
    {
        block.ToTable("search_blocks");
        block.HasKey(b => new { b.WorkspaceId, b.FromAt });
        block.HasIndex(b => new { b.WorkspaceId, b.FromAt, b.ToAt }, "ix_search_blocks_open").HasFilter("segment_id IS NULL").HasDatabaseName("ix_search_blocks_open");
        block.HasIndex(b => new { b.WorkspaceId, b.SegmentId });
        block.Property(b => b.WorkspaceId).UseCollation("C");
    }
}
