using System;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CallbackReceiver.Storage.Migrations
{
    /// <inheritdoc />
    public partial class InitialSchema : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    audit_id = table.Column<Guid>(type: "uuid", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit", x => new { x.workspace_id, x.audit_id });
                });

            migrationBuilder.CreateTable(
                name: "deliveries",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    delivery_id = table.Column<Guid>(type: "uuid", nullable: false),
                    body_sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: true),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    event_name = table.Column<string>(type: "text", nullable: true),
                    meeting_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    errors = table.Column<JsonElement>(type: "jsonb", nullable: true),
                    key_id = table.Column<string>(type: "text", nullable: false),
                    received_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    duplicates = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_deliveries", x => new { x.workspace_id, x.delivery_id });
                });

            migrationBuilder.CreateTable(
                name: "meetings",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    meeting_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    title = table.Column<string>(type: "text", nullable: true),
                    summary = table.Column<string>(type: "text", nullable: true),
                    customer_satisfaction_rating = table.Column<string>(type: "text", nullable: true),
                    agent_performance_rating = table.Column<string>(type: "text", nullable: true),
                    agent_performance_feedback = table.Column<string>(type: "text", nullable: true),
                    risk_factor = table.Column<string>(type: "text", nullable: true),
                    items = table.Column<JsonElement>(type: "jsonb", nullable: false),
                    metadata = table.Column<JsonElement>(type: "jsonb", nullable: false),
                    speakers = table.Column<string[]>(type: "text[]", nullable: false),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    transcript = table.Column<JsonElement>(type: "jsonb", nullable: false),
                    delivery_ids = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    revision = table.Column<int>(type: "integer", nullable: false),
                    first_received_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    received_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_meetings", x => new { x.workspace_id, x.meeting_id });
                });

            migrationBuilder.CreateTable(
                name: "unverified_deliveries",
                columns: table => new
                {
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    delivery_id = table.Column<Guid>(type: "uuid", nullable: false),
                    body_sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    signature = table.Column<byte[]>(type: "bytea", nullable: false),
                    received_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_unverified_deliveries", x => new { x.workspace_id, x.delivery_id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_workspace_id_body_sha256",
                table: "deliveries",
                columns: new[] { "workspace_id", "body_sha256" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_workspace_id_meeting_id",
                table: "deliveries",
                columns: new[] { "workspace_id", "meeting_id" },
                filter: "outcome <> 'stored'");

            migrationBuilder.CreateIndex(
                name: "ix_meetings_workspace_id_received_at_meeting_id",
                table: "meetings",
                columns: new[] { "workspace_id", "received_at", "meeting_id" });

            migrationBuilder.CreateIndex(
                name: "ix_unverified_deliveries_workspace_id_body_sha256_signature",
                table: "unverified_deliveries",
                columns: new[] { "workspace_id", "body_sha256", "signature" },
                unique: true);

            // lz4 costs a fraction of pglz. A PostgreSQL that was built without it keeps its own default.
            migrationBuilder.Sql("""
                DO $$
                BEGIN
                    ALTER TABLE deliveries ALTER COLUMN body SET COMPRESSION lz4;
                    ALTER TABLE unverified_deliveries ALTER COLUMN body SET COMPRESSION lz4;
                    ALTER TABLE meetings ALTER COLUMN transcript SET COMPRESSION lz4, ALTER COLUMN items SET COMPRESSION lz4;
                EXCEPTION WHEN feature_not_supported THEN NULL;
                END
                $$;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit");

            migrationBuilder.DropTable(
                name: "deliveries");

            migrationBuilder.DropTable(
                name: "meetings");

            migrationBuilder.DropTable(
                name: "unverified_deliveries");
        }
    }
}
