namespace SeaMeet.Simulator.Faults;

/// <summary>Makes a share of the requests go wrong.</summary>
internal static class FaultSetup
{
    public static void AddFaults(this IServiceCollection services) => services.AddSingleton<FaultMiddleware>();

    public static void UseFaults(this WebApplication app)
    {
        app.UseRouting(); // the operation is the endpoint's
        app.UseMiddleware<FaultMiddleware>();
    }
}
