using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CallbackReceiver.Storage.Migrations;

/// <summary>
/// Finds the meetings that were analysed again, by the time of their current analysis. One that was analysed once is not in the index, so that receiving
/// hardly feels it. A step that was broken off may be repeated.
/// </summary>
[DbContext(typeof(ReceiverDbContext))]
[Migration("20261202090000_MovedMeetings")]
public partial class MovedMeetings : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP INDEX CONCURRENTLY IF EXISTS ix_meetings_moved;", suppressTransaction: true);
        migrationBuilder.Sql(
            "CREATE INDEX CONCURRENTLY ix_meetings_moved ON meetings (workspace_id, received_at) WHERE first_received_at < received_at;", suppressTransaction: true);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP INDEX ix_meetings_moved;");
    }
}
