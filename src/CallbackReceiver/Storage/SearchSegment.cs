using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CallbackReceiver.Storage;

/// <summary>
/// The terms of the meetings of one block, or of some that were merged. It is written once; where a block of it is opened again, what it says
/// of that block's meetings is void. One row of <c>search_segments</c>.
/// </summary>
internal sealed class SearchSegment
{
    public required string WorkspaceId { get; init; }

    public Guid SegmentId { get; init; }

    /// <summary>How many blocks it was written for.</summary>
    public int Blocks { get; init; }

    /// <summary>How many meetings it was written for.</summary>
    public int Places { get; init; }

    /// <summary>How many buckets its terms are in, as a power of 2.</summary>
    public int BucketBits { get; init; }

    /// <summary>When a block of it was first opened again; null where all that it says is true.</summary>
    public DateTime? StaleSince { get; init; }
}

/// <summary>Some terms of a segment with the places of their meetings. One row of <c>search_postings</c>.</summary>
internal sealed class SearchPostings
{
    public required string WorkspaceId { get; init; }

    public Guid SegmentId { get; init; }

    public int Bucket { get; init; }

    public required byte[] Postings { get; init; }
}

internal sealed class SearchSegmentConfiguration : IEntityTypeConfiguration<SearchSegment>
{
    public void Configure(EntityTypeBuilder<SearchSegment> segment)
    {
        segment.ToTable("search_segments");
        segment.HasKey(s => new { s.WorkspaceId, s.SegmentId });
        segment.HasIndex(s => s.StaleSince).HasFilter("stale_since IS NOT NULL");
        segment.Property(s => s.WorkspaceId).UseCollation("C");
    }
}

internal sealed class SearchPostingsConfiguration : IEntityTypeConfiguration<SearchPostings>
{
    public void Configure(EntityTypeBuilder<SearchPostings> postings)
    {
        postings.ToTable("search_postings");
        postings.HasKey(p => new { p.WorkspaceId, p.SegmentId, p.Bucket });
        postings.Property(p => p.WorkspaceId).UseCollation("C");
    }
}
