using CallbackReceiver.Access;

namespace CallbackReceiver.Operations.Retention;

/// <summary>Removes what is older than the configuration says it is to be kept.</summary>
internal static class RetentionSetup
{
    public static void AddRetention(this IServiceCollection services)
    {
        services.AddReloading(RetentionPeriods.Read);
        services.AddSingleton<AgeClock>();
        services.AddSingleton<OldData>();
        services.AddSingleton<OldBodies>();
        services.AddHostedService<RetentionLoop>();
    }
}
