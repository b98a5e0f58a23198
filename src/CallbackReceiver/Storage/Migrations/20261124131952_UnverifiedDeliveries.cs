using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CallbackReceiver.Storage.Migrations
{
    /// <inheritdoc />
    public partial class UnverifiedDeliveries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
                name: "ix_unverified_deliveries_workspace_id_body_sha256_signature",
                table: "unverified_deliveries",
                columns: new[] { "workspace_id", "body_sha256", "signature" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "unverified_deliveries");
        }
    }
}
