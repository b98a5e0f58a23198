using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Storage;

/// <summary>The schema and the reads. Every key begins with the workspace, so that the tables can be distributed by it.</summary>
internal sealed class ReceiverDbContext(DbContextOptions<ReceiverDbContext> options) : DbContext(options)
{
    public DbSet<Meeting> Meetings => Set<Meeting>();

    public DbSet<LedgerEntry> Deliveries => Set<LedgerEntry>();

    public DbSet<UnverifiedDelivery> UnverifiedDeliveries => Set<UnverifiedDelivery>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<Change> Changes => Set<Change>();

    public DbSet<Feed> Feeds => Set<Feed>();

    public DbSet<MeetingEvent> Events => Set<MeetingEvent>();

    public DbSet<MeetingFacts> Facts => Set<MeetingFacts>();

    public DbSet<SearchText> Search => Set<SearchText>();

    public DbSet<SearchBlock> SearchBlocks => Set<SearchBlock>();

    public DbSet<SearchSegment> SearchSegments => Set<SearchSegment>();

    public DbSet<SearchPostings> SearchPostings => Set<SearchPostings>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ReceiverDbContext).Assembly);
}
