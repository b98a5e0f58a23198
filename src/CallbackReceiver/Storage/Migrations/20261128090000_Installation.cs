using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CallbackReceiver.Storage.Migrations;

/// <summary>
/// Gives the database an id of its own, by which the spool knows it again wherever it is. The table has this one row, is read once at the
/// start, and is no part of the model.
/// </summary>
[DbContext(typeof(ReceiverDbContext))]
[Migration("20261128090000_Installation")]
public partial class Installation : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("CREATE TABLE installation (database_id uuid PRIMARY KEY); INSERT INTO installation SELECT gen_random_uuid();");
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP TABLE installation;");
    }
}
