using System.Diagnostics.Metrics;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>Measures how long it is from receiving an analysis until queries find it, and what still waits for that.</summary>
internal sealed class SearchMetrics
{
    private static readonly double[] Delays = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600];

    private readonly TimeProvider time;
    private readonly Histogram<double> delay;
    private SearchBacklog? backlog;

    public SearchMetrics(IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        var meter = meters.CreateMeter();
        delay = meter.CreateHistogram(
            Telemetry.Prefix + "search.delay", "s", "From the receiving of an analysis until queries find it.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Delays });
        meter.CreateObservableGauge(Telemetry.Prefix + "search.backlog", () => Observe(waiting => waiting.Changes), "{delivery}", "Analyses that queries do not find yet.");
        meter.CreateObservableGauge(Telemetry.Prefix + "search.backlog.age", () => Observe(AgeOf), "s", "Since when the oldest of them was received; 0 where there is none.");
    }

    /// <summary>Counts deliveries whose analyses can be found from now on. Their ids hold when they were received.</summary>
    public void Found(IEnumerable<Guid> deliveryIds)
    {
        var now = time.GetUtcNow();
        foreach (var id in deliveryIds)
            delay.Record(Math.Max(0, (now - TimeOrderedId.TimeOf(id)).TotalSeconds));
    }

    /// <summary>Tells what waits now; null where that is not known.</summary>
    public void Waiting(SearchBacklog? changes) => Volatile.Write(ref backlog, changes);

    private double AgeOf(SearchBacklog waiting) => waiting.Oldest is { } oldest ? Math.Max(0, (time.GetUtcNow() - TimeOrderedId.TimeOf(oldest)).TotalSeconds) : 0;

    private IEnumerable<Measurement<T>> Observe<T>(Func<SearchBacklog, T> value)
        where T : struct => Volatile.Read(ref backlog) is { } known ? [new Measurement<T>(value(known))] : [];
}

/// <summary>What is not projected yet.</summary>
/// <param name="Changes">How many deliveries.</param>
/// <param name="Oldest">The first of them.</param>
internal sealed record SearchBacklog(long Changes, Guid? Oldest);
