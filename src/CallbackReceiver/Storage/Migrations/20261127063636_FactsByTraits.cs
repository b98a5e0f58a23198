using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CallbackReceiver.Storage.Migrations
{
    /// <inheritdoc />
    public partial class FactsByTraits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_facts_ratings",
                table: "facts",
                columns: new[] { "workspace_id", "customer_satisfaction_rating", "agent_performance_rating", "received_at" });
            migrationBuilder.Sql("CREATE INDEX ix_facts_risk_factor ON facts (workspace_id, left(risk_factor, 64), received_at) WHERE risk_factor IS NOT NULL;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX ix_facts_risk_factor;");
            migrationBuilder.DropIndex(
                name: "ix_facts_ratings",
                table: "facts");
        }
    }
}
