using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CallbackReceiver.Storage.Migrations
{
    /// <inheritdoc />
    public partial class TranscriptsInTheLedger : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("ALTER TABLE meetings ALTER COLUMN transcript DROP NOT NULL;");
        }

        // Refused as long as a transcript is in the ledger only.
        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("ALTER TABLE meetings ALTER COLUMN transcript SET NOT NULL;");
        }
    }
}
