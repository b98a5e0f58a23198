using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CallbackReceiver.Storage.Migrations
{
    /// <inheritdoc />
    public partial class PairsOfTraits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Blocks have more terms than before: all are closed anew, and until then looked at whatever is asked for.
            migrationBuilder.Sql("UPDATE search_blocks SET terms = NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // The terms of before have other hashes.
            migrationBuilder.Sql("UPDATE search_blocks SET terms = NULL");
        }
    }
}
