using System.Net.Mime;
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Operations.Logging;
using CallbackReceiver.Operations.Observing;
using CallbackReceiver.Storage;
using CallbackReceiver.Storage.Embedded;
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
        Open(routes.MapHealthChecks(Path + "/live", new HealthCheckOptions { Predicate = _ => false }));
        Open(routes.MapHealthChecks(ReadyPath, new HealthCheckOptions { ResponseWriter = WriteAsync }));
    }

    /// <summary>The state in the first line, then what is waited for.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = MediaTypeNames.Text.Plain;
        var reasons = report.Entries.Where(check => check.Value.Status is not HealthStatus.Healthy).Select(check => $"\n{check.Key}: {check.Value.Description}");
        return context.Response.WriteAsync(report.Status + string.Concat(reasons), context.RequestAborted);
    }

    /// <summary>Anyone may ask, on every port, as often as an engine does: it is neither counted nor logged.</summary>
    private static void Open(IEndpointConventionBuilder health) =>
        health.AllowAnonymous().DisableHttpMetrics().WithMetadata(new OnMetricsPort(OnlyThere: false), new QuietInLog());

    private sealed class SpoolCheck(Spool spool) : SharedCheck(TimeProvider.System)
    {
        protected override Task<HealthCheckResult> CheckAsync() =>
            Task.FromResult(spool.FindProblem() is { } problem ? HealthCheckResult.Unhealthy($"The spool cannot be used: {problem}") : HealthCheckResult.Healthy());
    }

    private sealed class DatabaseCheck(NpgsqlDataSource dataSource, SchemaMigration migration, EmbeddedPostgres? ownPostgres = null) : SharedCheck(TimeProvider.System)
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        protected override async Task<HealthCheckResult> CheckAsync()
        {
            if (ownPostgres?.WaitsFor is { } step)
                return HealthCheckResult.Unhealthy(step);
            if (!migration.IsApplied)
                return HealthCheckResult.Unhealthy(migration.Unfit ?? "The schema is not up to date yet.");
            try
            {
                // Not cancelled but left: the driver's cancelling waits for the server as well.
                await SelectAsync().WaitAsync(Patience);
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
            select.CommandTimeout = (int)Patience.TotalSeconds; // what was left gives its connection back soon
            await select.ExecuteScalarAsync();
        }
    }
}
