using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

/// <summary>
/// A stretch of a workspace's time, and which terms the meetings received in it have. The blocks of a workspace cover all time without
/// overlap. A block that is open, which the last one always is, may hold meetings of any terms. One row of <c>search_blocks</c>.
/// </summary>
internal sealed class SearchBlock
{
    public required string WorkspaceId { get; init; }

    public DateTime FromAt { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTime ToAt { get; init; }

    /// <summary>Hashes; null while the block is open.</summary>
    public int[]? Terms { get; init; }
}

internal sealed class SearchBlockConfiguration : IEntityTypeConfiguration<SearchBlock>
{
    public void Configure(EntityTypeBuilder<SearchBlock> block)
    {
        block.ToTable("search_blocks");
        block.HasKey(b => new { b.WorkspaceId, b.FromAt });
        block.HasIndex(b => new { b.WorkspaceId, b.FromAt, b.ToAt }).HasFilter("terms IS NULL");

        // Without a pending list, which every search would have to read through.
        block.HasIndex(b => b.Terms).HasMethod("gin").HasStorageParameter("fastupdate", false);
        block.Property(b => b.WorkspaceId).UseCollation("C");
    }
}
