namespace SeaMeet.Simulator.Jobs;

/// <summary>The jobs that an analysis is.</summary>
internal static class JobSetup
{
    public static void AddJobs(this IServiceCollection services)
    {
        services.AddSingleton<JobStore>();
        services.AddSingleton<JobRunner>();
    }
}
