using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CallbackReceiver.Storage.Migrations
{
    /// <inheritdoc />
    public partial class ItemsAsSent : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Whoever comes after a lock that is waited for waits as well, receiving included: rather than behind a long read, it is tried again.
            migrationBuilder.Sql("SET LOCAL lock_timeout = '2s';");

            migrationBuilder.AddColumn<string>(
                name: "items_as_sent",
                table: "meetings",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "metadata_as_sent",
                table: "meetings",
                type: "text",
                nullable: true);

            // lz4 is faster than the default; a server that is built without it keeps the default.
            migrationBuilder.Sql("""
                DO $$
                BEGIN
                    ALTER TABLE meetings ALTER COLUMN items_as_sent SET COMPRESSION lz4, ALTER COLUMN metadata_as_sent SET COMPRESSION lz4;
                EXCEPTION WHEN feature_not_supported THEN NULL;
                END
                $$;
                """);
        }

        // Refused as long as a number that jsonb does not take is in these columns only.
        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""
                UPDATE meetings SET
                    items = CASE WHEN jsonb_typeof(items) = 'null' THEN items_as_sent::jsonb ELSE items END,
                    metadata = CASE WHEN jsonb_typeof(metadata) = 'null' THEN metadata_as_sent::jsonb ELSE metadata END
                WHERE jsonb_typeof(items) = 'null' OR jsonb_typeof(metadata) = 'null';
                """);

            migrationBuilder.DropColumn(
                name: "items_as_sent",
                table: "meetings");

            migrationBuilder.DropColumn(
                name: "metadata_as_sent",
                table: "meetings");
        }
    }
}
