using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CallbackReceiver.Storage.Migrations
{
    /// <inheritdoc />
    public partial class ErasureAndAudit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<byte[]>(
                name: "body",
                table: "deliveries",
                type: "bytea",
                nullable: true,
                oldClrType: typeof(byte[]),
                oldType: "bytea");

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

            migrationBuilder.CreateIndex(
                name: "ix_deliveries_workspace_id_meeting_id",
                table: "deliveries",
                columns: new[] { "workspace_id", "meeting_id" },
                filter: "outcome <> 'stored'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit");

            migrationBuilder.DropIndex(
                name: "ix_deliveries_workspace_id_meeting_id",
                table: "deliveries");

            migrationBuilder.AlterColumn<byte[]>(
                name: "body",
                table: "deliveries",
                type: "bytea",
                nullable: false,
                defaultValue: new byte[0],
                oldClrType: typeof(byte[]),
                oldType: "bytea",
                oldNullable: true);
        }
    }
}
