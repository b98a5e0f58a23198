using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CallbackReceiver.Storage.Migrations;

/// <summary>
/// Finds deliveries by outcome, by reason and by signing key, each in the order of receiving. All indexes but the last leave out what is stored, which is nearly
/// all, so that the receiving hardly feels them. A step that was broken off may be repeated.
/// </summary>
[DbContext(typeof(ReceiverDbContext))]
[Migration("20261204090000_DeliveriesByOutcome")]
public partial class DeliveriesByOutcome : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        CreateIndex(migrationBuilder, "ix_deliveries_workspace_id_outcome_delivery_id", "(workspace_id, outcome, delivery_id) WHERE outcome <> 'stored'");
        CreateIndex(migrationBuilder, "ix_deliveries_workspace_id_outcome_key_id_delivery_id", "(workspace_id, outcome, key_id, delivery_id) WHERE outcome <> 'stored'");
        CreateIndex(
            migrationBuilder, "ix_deliveries_reason", """(workspace_id, (split_part(errors -> 0 ->> 'reason', ' from byte ', 1) COLLATE "C"), delivery_id) WHERE errors IS NOT NULL""");
        CreateIndex(migrationBuilder, "ix_deliveries_workspace_id_key_id_delivery_id", "(workspace_id, key_id, delivery_id)");
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            DROP INDEX ix_deliveries_workspace_id_outcome_delivery_id, ix_deliveries_workspace_id_outcome_key_id_delivery_id, ix_deliveries_reason,
                ix_deliveries_workspace_id_key_id_delivery_id;
            """);
    }

    /// <summary>While callbacks are stored. One that was broken off is there, and is never used: it is made anew.</summary>
    private static void CreateIndex(MigrationBuilder migrationBuilder, string name, string definition)
    {
        migrationBuilder.Sql($"DROP INDEX CONCURRENTLY IF EXISTS {name};", suppressTransaction: true);
        migrationBuilder.Sql($"CREATE INDEX CONCURRENTLY {name} ON deliveries {definition};", suppressTransaction: true);
    }
}
