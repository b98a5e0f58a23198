using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace CallbackReceiver.Operations;

/// <summary>Health: alive as long as the process answers, ready while PostgreSQL answers and its schema is up to date.</summary>
internal static class HealthSetup
{
    public const string Path = "/healthz";
    public const string ReadyPath = Path + "/ready";

    public static void AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<DatabaseCheck>().AddSingleton<SpoolCheck>();
        services.AddHealthChecks().AddCheck<DatabaseCheck>("postgresql").AddCheck<SpoolCheck>("spool");
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks(Path + "/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous().DisableHttpMetrics();
        routes.MapHealthChecks(ReadyPath).AllowAnonymous().DisableHttpMetrics();
    }

    private sealed class SpoolCheck(Spool spool, TimeProvider time) : SharedCheck(time)
    {
        protected override Task<HealthCheckResult> CheckAsync() =>
            Task.FromResult(spool.IsWritable ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The spool's folder cannot be written."));
    }

    private sealed class DatabaseCheck(NpgsqlDataSource dataSource, SchemaMigration migration, TimeProvider time) : SharedCheck(time)
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        protected override async Task<HealthCheckResult> CheckAsync()
        {
            if (!migration.IsApplied)
                return HealthCheckResult.Unhealthy("The schema is not up to date yet.");
            try
            {
                // Not cancelled but left: the driver's cancelling waits for the server as well.
                await SelectAsync().WaitAsync(Patience);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                return HealthCheckResult.Unhealthy("PostgreSQL does not answer.");
            }
        }

        private async Task SelectAsync()
        {
            await using var select = dataSource.CreateCommand("SELECT 1");
            select.CommandTimeout = (int)Patience.TotalSeconds; // what was left gives its connection back soon
            await select.ExecuteScalarAsync();
        }
    }
}
