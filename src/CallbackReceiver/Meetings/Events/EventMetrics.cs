using System.Diagnostics.Metrics;

namespace CallbackReceiver.Meetings.Events;

/// <summary>Shows how many listen to events. Without their workspaces, which are whatever a reader asks for.</summary>
internal sealed class EventMetrics
{
    public EventMetrics(IMeterFactory meters, EventHub hub) => meters.CreateMeter().CreateObservableGauge(
        Telemetry.Prefix + "events.listeners", () => hub.Listeners, "{listener}", "Readers that listen to events of this process.");
}
