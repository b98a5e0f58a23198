using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CallbackReceiver.Storage.Migrations;

/// <summary>
/// Lets the search tell which texts are folded as this version does, and find the others. A step that was broken off may be repeated.
/// </summary>
[DbContext(typeof(ReceiverDbContext))]
[Migration("20261201090000_FoldedAnew")]
public partial class FoldedAnew : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);

        // Whoever comes after a lock that is waited for waits as well, queries included: rather than behind a long read, it is tried again.
        migrationBuilder.Sql("SET LOCAL lock_timeout = '2s';");
        migrationBuilder.Sql("ALTER TABLE search ADD COLUMN IF NOT EXISTS folded bigint;");

        // No row has a hash yet, so that no text is read for the index; and nobody waits for it.
        migrationBuilder.Sql("DROP INDEX CONCURRENTLY IF EXISTS ix_search_to_fold;", suppressTransaction: true);
        migrationBuilder.Sql(
            "CREATE INDEX CONCURRENTLY ix_search_to_fold ON search (workspace_id, meeting_id) WHERE folded IS NULL OR folded <> hashtextextended(text, 2);",
            suppressTransaction: true);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP INDEX ix_search_to_fold; ALTER TABLE search DROP COLUMN folded;");
    }
}
