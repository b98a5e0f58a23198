using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CallbackReceiver.Storage.Migrations;

/// <summary>
/// Where replicas share the keys that the console's sessions are encrypted with. The table has a few rows, is read once a day, and is no part of
/// the model.
/// </summary>
[DbContext(typeof(ReceiverDbContext))]
[Migration("20261203090000_ConsoleKeys")]
public partial class ConsoleKeys : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("CREATE TABLE console_keys (name text PRIMARY KEY, xml text NOT NULL);");
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP TABLE console_keys;");
    }
}
