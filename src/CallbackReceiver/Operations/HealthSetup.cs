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

    public static void AddHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<DatabaseCheck>("postgresql")
        .AddCheck<SpoolCheck>("spool");

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks(Path + "/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous().DisableHttpMetrics();
        routes.MapHealthChecks(ReadyPath, new HealthCheckOptions { ResponseWriter = WriteReasonsAsync }).AllowAnonymous().DisableHttpMetrics();
    }

    /// <summary>The status as everybody knows it, and below it why it is not ready.</summary>
    private static Task WriteReasonsAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        var reasons = report.Entries.Where(check => check.Value.Status != HealthStatus.Healthy).Select(check => $"{check.Key}: {check.Value.Description}");
        return context.Response.WriteAsync(string.Join('\n', reasons.Prepend(report.Status.ToString())));
    }

    private sealed class SpoolCheck(Spool spool) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(spool.IsWritable ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The spool's folder cannot be written."));
    }

    private sealed class DatabaseCheck(NpgsqlDataSource dataSource, SchemaMigration migration) : IHealthCheck
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (!migration.IsApplied)
                return HealthCheckResult.Unhealthy(migration.Unfit ?? "The schema is not up to date yet.");
            try
            {
                // Not cancelled but left: the driver's cancelling waits for the server as well.
                await SelectAsync().WaitAsync(Patience, cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (UnfitDatabaseException unfit)
            {
                return HealthCheckResult.Unhealthy(unfit.Message);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                return HealthCheckResult.Unhealthy("PostgreSQL does not answer.");
            }
        }

        private async Task SelectAsync()
        {
            await using var select = dataSource.CreateCommand("SELECT 1");
            await select.ExecuteScalarAsync();
        }
    }
}
