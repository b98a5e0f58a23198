using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CallbackReceiver.Storage.Migrations;

/// <summary>
/// Keeps the terms of the search in segments, instead of one array a block and an index of all of them; the facts' indexes by rating and risk factor go as well, since segments say that too. All blocks are open afterwards, and closed anew in
/// the background. The column <c>terms</c> stays, for replicas of the version before. Every step may be repeated.
/// </summary>
[DbContext(typeof(ReceiverDbContext))]
[Migration("20261205090000_Segments")]
public partial class Segments : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            DROP INDEX IF EXISTS ix_search_blocks_terms;
            DROP INDEX IF EXISTS ix_search_blocks_workspace_id_from_at_to_at;
            DROP INDEX IF EXISTS ix_facts_ratings;
            DROP INDEX IF EXISTS ix_facts_risk_factor;
            ALTER TABLE search_blocks
                ADD COLUMN IF NOT EXISTS segment_id uuid,
                ADD COLUMN IF NOT EXISTS first_place integer,
                ADD COLUMN IF NOT EXISTS meetings integer,
                ADD COLUMN IF NOT EXISTS meeting_ids text[];
            UPDATE search_blocks SET terms = NULL WHERE terms IS NOT NULL;
            CREATE INDEX IF NOT EXISTS ix_search_blocks_open ON search_blocks (workspace_id, from_at, to_at) WHERE segment_id IS NULL;
            CREATE INDEX IF NOT EXISTS ix_search_blocks_workspace_id_segment_id ON search_blocks (workspace_id, segment_id);
            CREATE TABLE IF NOT EXISTS search_segments (
                workspace_id text COLLATE "C" NOT NULL,
                segment_id uuid NOT NULL,
                blocks integer NOT NULL,
                places integer NOT NULL,
                bucket_bits integer NOT NULL,
                stale_since timestamp with time zone,
                CONSTRAINT pk_search_segments PRIMARY KEY (workspace_id, segment_id));
            CREATE INDEX IF NOT EXISTS ix_search_segments_stale_since ON search_segments (stale_since) WHERE stale_since IS NOT NULL;
            CREATE TABLE IF NOT EXISTS search_postings (
                workspace_id text COLLATE "C" NOT NULL,
                segment_id uuid NOT NULL,
                bucket integer NOT NULL,
                postings bytea NOT NULL,
                CONSTRAINT pk_search_postings PRIMARY KEY (workspace_id, segment_id, bucket));
            ALTER TABLE search_postings ALTER COLUMN postings SET STORAGE EXTERNAL;
            """);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            DROP TABLE search_postings;
            DROP TABLE search_segments;
            DROP INDEX ix_search_blocks_open;
            DROP INDEX ix_search_blocks_workspace_id_segment_id;
            ALTER TABLE search_blocks DROP COLUMN segment_id, DROP COLUMN first_place, DROP COLUMN meetings, DROP COLUMN meeting_ids;
            UPDATE search_blocks SET terms = NULL WHERE terms IS NOT NULL;
            CREATE INDEX ix_search_blocks_workspace_id_from_at_to_at ON search_blocks (workspace_id, from_at, to_at) WHERE terms IS NULL;
            CREATE INDEX ix_facts_ratings ON facts (workspace_id, customer_satisfaction_rating, agent_performance_rating, received_at);
            CREATE INDEX ix_facts_risk_factor ON facts (workspace_id, left(risk_factor, 64), received_at) WHERE risk_factor IS NOT NULL;
            CREATE INDEX ix_search_blocks_terms ON search_blocks USING gin (terms) WITH (fastupdate = false);
            """);
    }
}
