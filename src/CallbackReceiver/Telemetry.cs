using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CallbackReceiver;

/// <summary>What this service's own metrics and traces are called. docs/operations.md lists each.</summary>
internal static class Telemetry
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string Name = "CallbackReceiver";

    /// <summary>What every metric's and attribute's name begins with.</summary>
    public const string Prefix = "callback_receiver.";

    /// <summary>The tag that says which workspace: only ever one that is configured, or empty. What a sender only claims would be without bound.</summary>
    public const string Workspace = "workspace_id";

    public static readonly ActivitySource Traces = new(Name);

    /// <summary>From half a millisecond to ten seconds: what a commit or a query takes, and what it takes when it goes wrong.</summary>
    public static readonly double[] ShortTimes = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    public static Meter CreateMeter(this IMeterFactory meters) => meters.Create(Name);

    public static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);

    /// <summary>Adds a type that has metrics. It is made at the start, so that they are there before anything has happened.</summary>
    public static void AddMetrics<T>(this IServiceCollection services)
        where T : class
    {
        services.AddSingleton<T>();
        services.AddHostedService<Start<T>>();
    }

    /// <summary>After the provider of metrics has started: what is counted before is lost.</summary>
    private sealed class Start<T>(IServiceProvider services) : IHostedService
        where T : class
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            (services.GetRequiredService<T>() as ICountFromZero)?.StartSeries();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>
/// Has counters that are there with 0 before anything has happened: so a first increase is one, and silence can be told from absence.
/// </summary>
internal interface ICountFromZero
{
    void StartSeries();
}
