using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>Shows what waits in the spool of this replica.</summary>
internal sealed class SpoolMetrics : ICountFromZero
{
    private readonly Spool spool;
    private readonly TimeProvider time;
    private readonly Counter<long> stored;

    public SpoolMetrics(IMeterFactory meters, Spool spool, IOptions<SpoolOptions> options, TimeProvider time)
    {
        this.spool = spool;
        this.time = time;
        var meter = meters.CreateMeter();
        stored = meter.CreateCounter<long>(Telemetry.Prefix + "spool.stored", "{delivery}", "Deliveries that this process took from the spool into PostgreSQL.");
        meter.CreateObservableGauge(Telemetry.Prefix + "spool.files", () => Observe(depth => depth.Deliveries), "{delivery}", "Deliveries that wait in the spool.");
        meter.CreateObservableGauge(Telemetry.Prefix + "spool.size", () => Observe(depth => depth.Bytes), "By", "What they take.");
        meter.CreateObservableGauge(Telemetry.Prefix + "spool.limit", () => options.Value.MaxBytes, "By", "What they may take; 0 where the spool is turned off.");
        meter.CreateObservableGauge(Telemetry.Prefix + "spool.damaged", () => Observe(depth => depth.Damaged), "{delivery}", "Damaged or unreadable deliveries and files, for a person to look at.");
        meter.CreateObservableGauge(Telemetry.Prefix + "spool.held", () => Observe(depth => depth.Held), "{delivery}", "Deliveries of the spool that PostgreSQL does not take although it takes others.");
        meter.CreateObservableGauge(Telemetry.Prefix + "spool.other_databases", () => Observe(depth => depth.OfOtherDatabases), "{delivery}", "Deliveries of the spool that were received for another database, and are not stored in this one.");
        meter.CreateObservableGauge(Telemetry.Prefix + "spool.oldest.age", () => Observe(AgeOf), "s", "For how long the oldest delivery has waited in the spool; 0 where none waits.");
    }

    public void StartSeries() => stored.Add(0);

    public void Stored(int deliveries) => stored.Add(deliveries);

    private double AgeOf(SpoolDepth depth) => depth.OldestReceivedAt is { } oldest ? Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds) : 0;

    /// <summary>Nothing where the file cannot be opened: a 0 would be a lie.</summary>
    private IEnumerable<Measurement<T>> Observe<T>(Func<SpoolDepth, T> value)
        where T : struct => spool.Measure() is { } depth ? [new Measurement<T>(value(depth))] : [];
}
