using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Storage.Embedded;

namespace CallbackReceiver.Operations;

/// <summary>
/// Starts the service's own PostgreSQL beside the service, which receives meanwhile. What a person has to mend ends the service, unless
/// deliveries wait in the spool: they say that callbacks come here, and each comes once. Then the service goes on keeping them, and trying.
/// </summary>
internal sealed class OwnPostgresStart(EmbeddedPostgres postgres, Spool spool, IHostApplicationLifetime lifetime, ILogger<OwnPostgresStart> logger) : IHostedService
{
    /// <summary>What fails so often in a row does not pass by itself.</summary>
    private const int Tries = 3;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(postgres.BeginStop);
        postgres.Begin(GivesUp);
        return Task.CompletedTask;
    }

    /// <summary>The server is stopped by its owner, once all that writes to it has ended.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool GivesUp(EmbeddedPostgresException failure, int failures)
    {
        if ((failure.IsWorthAnotherTry && failures < Tries) || spool.Measure() is not { Deliveries: 0 })
            return false;
        logger.GivesUp();
        lifetime.StopApplication();
        return true;
    }
}

internal static class OwnPostgresSetup
{
    /// <param name="services">The service's parts.</param>
    /// <param name="postgres">Null where PostgreSQL is another's.</param>
    public static void AddOwnPostgresStart(this IServiceCollection services, EmbeddedPostgres? postgres)
    {
        if (postgres is not null)
            services.AddHostedService<OwnPostgresStart>();
    }
}
