using System.Diagnostics.Metrics;

namespace CallbackReceiver.Callbacks;

/// <summary>Shows how far this machine's clock is from PostgreSQL's.</summary>
internal sealed class ClockMetrics
{
    public ClockMetrics(IMeterFactory meters, ReceiveClock clock) => meters.CreateMeter().CreateObservableGauge<double>(
        Telemetry.Prefix + "clock.ahead",
        () => clock.Ahead is { } ahead ? [new Measurement<double>(ahead.TotalSeconds)] : [],
        "s",
        "How far this machine's clock is ahead of PostgreSQL's; negative where it is behind.");
}
