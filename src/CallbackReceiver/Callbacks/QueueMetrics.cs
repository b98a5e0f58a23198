using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>Shows how many callbacks wait for a commit, and whether PostgreSQL is known to be away.</summary>
internal sealed class QueueMetrics
{
    public QueueMetrics(IMeterFactory meters, Inbox inbox, Circuit circuit, IOptions<CallbackOptions> options)
    {
        var meter = meters.CreateMeter();
        meter.CreateObservableGauge(Telemetry.Prefix + "queue.length", () => inbox.Queued, "{delivery}", "Deliveries that wait for a commit.");
        meter.CreateObservableGauge(Telemetry.Prefix + "queue.limit", () => options.Value.QueueLength, "{delivery}", "How many may wait; the next one is answered 503.");
        meter.CreateObservableGauge(Telemetry.Prefix + "circuit.open", () => circuit.IsOpen ? 1 : 0, null, "1 while PostgreSQL is known to be away.");
    }
}
