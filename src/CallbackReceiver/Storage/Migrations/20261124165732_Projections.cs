using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CallbackReceiver.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Projections : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "changes",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    delivery_id = table.Column<Guid>(type: "uuid", nullable: false),
                    meeting_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    announce = table.Column<bool>(type: "boolean", nullable: false, defaultValue: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_changes", x => new { x.workspace_id, x.delivery_id });
                });

            migrationBuilder.CreateTable(
                name: "events",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    event_id = table.Column<long>(type: "bigint", nullable: false),
                    meeting_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    delivery_id = table.Column<Guid>(type: "uuid", nullable: false),
                    revision = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_events", x => new { x.workspace_id, x.event_id });
                });

            migrationBuilder.CreateTable(
                name: "facts",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    meeting_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    received_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    customer_satisfaction_rating = table.Column<string>(type: "text", nullable: true),
                    agent_performance_rating = table.Column<string>(type: "text", nullable: true),
                    risk_factor = table.Column<string>(type: "text", nullable: true),
                    speakers = table.Column<string[]>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_facts", x => new { x.workspace_id, x.meeting_id });
                });

            migrationBuilder.CreateTable(
                name: "feeds",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    last_event_id = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    trimmed_event_id = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feeds", x => x.workspace_id);
                });

            migrationBuilder.CreateTable(
                name: "search",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    meeting_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    delivery_id = table.Column<Guid>(type: "uuid", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_search", x => new { x.workspace_id, x.meeting_id });
                });

            migrationBuilder.CreateTable(
                name: "search_blocks",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    from_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    to_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    terms = table.Column<int[]>(type: "integer[]", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_search_blocks", x => new { x.workspace_id, x.from_at });
                });

            migrationBuilder.CreateIndex(
                name: "ix_events_workspace_id_delivery_id",
                table: "events",
                columns: new[] { "workspace_id", "delivery_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_facts_workspace_id_received_at",
                table: "facts",
                columns: new[] { "workspace_id", "received_at" });

            migrationBuilder.CreateIndex(
                name: "ix_search_blocks_terms",
                table: "search_blocks",
                column: "terms")
                .Annotation("Npgsql:IndexMethod", "gin")
                .Annotation("Npgsql:StorageParameter:fastupdate", false);

            migrationBuilder.CreateIndex(
                name: "ix_search_blocks_workspace_id_from_at_to_at",
                table: "search_blocks",
                columns: new[] { "workspace_id", "from_at", "to_at" },
                filter: "terms IS NULL");

            // Hashes do not compress. PostgreSQL may be built without lz4, and keeps its own default then.
            migrationBuilder.Sql("""
                ALTER TABLE search_blocks ALTER COLUMN terms SET STORAGE EXTERNAL;
                DO $$
                BEGIN
                    ALTER TABLE search ALTER COLUMN text SET COMPRESSION lz4;
                EXCEPTION WHEN feature_not_supported THEN NULL;
                END
                $$;
                """);

            // What is stored already becomes searchable, and is told to nobody.
            migrationBuilder.Sql("""
                INSERT INTO changes (workspace_id, delivery_id, meeting_id, announce)
                SELECT workspace_id, delivery_ids[revision], meeting_id, false FROM meetings;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "changes");

            migrationBuilder.DropTable(
                name: "events");

            migrationBuilder.DropTable(
                name: "facts");

            migrationBuilder.DropTable(
                name: "feeds");

            migrationBuilder.DropTable(
                name: "search");

            migrationBuilder.DropTable(
                name: "search_blocks");
        }
    }
}
