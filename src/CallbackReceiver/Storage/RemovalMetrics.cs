using System.Diagnostics.Metrics;

namespace CallbackReceiver.Storage;

/// <summary>Counts meetings that were removed, on request and by age.</summary>
internal sealed class RemovalMetrics : ICountFromZero
{
    private static readonly KeyValuePair<string, object?> Erasure = Telemetry.Tag("cause", "erasure");
    private static readonly KeyValuePair<string, object?> Retention = Telemetry.Tag("cause", "retention");

    private readonly Counter<long> removed;

    public RemovalMetrics(IMeterFactory meters) =>
        removed = meters.CreateMeter().CreateCounter<long>(Telemetry.Prefix + "meetings.removed", "{meeting}", "Meetings that were erased on request, or removed by their age.");

    public void StartSeries()
    {
        removed.Add(0, Erasure);
        removed.Add(0, Retention);
    }

    public void Erased(int meetings) => removed.Add(meetings, Erasure);

    public void Aged(int meetings) => removed.Add(meetings, Retention);
}
