using System.Diagnostics.Metrics;
using System.Text.Json;

namespace CallbackReceiver.Operations;

/// <summary>Counts the connections that the service ended of itself.</summary>
internal sealed class ConnectionMetrics : ICountFromZero
{
    private readonly Counter<long> closed;

    public ConnectionMetrics(IMeterFactory meters) => closed = meters.CreateMeter().CreateCounter<long>(
        Telemetry.Prefix + "connections.closed", "{connection}", "Connections that the service closed for lack of room or of a request, by the reason.");

    public void Closed(ConnectionEnd reason) => closed.Add(1, TagOf(reason));

    public void StartSeries()
    {
        foreach (var reason in Enum.GetValues<ConnectionEnd>())
            closed.Add(0, TagOf(reason));
    }

    private static KeyValuePair<string, object?> TagOf(ConnectionEnd reason) =>
        Telemetry.Tag("reason", JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()));
}

/// <summary>Why the service ended a connection of itself.</summary>
internal enum ConnectionEnd
{
    /// <summary>There was no room, and no other that could give way.</summary>
    NoRoom,

    /// <summary>It was idle, or its request long under way, when another needed its place.</summary>
    GaveWay,

    /// <summary>No request came on it in time.</summary>
    Silent,
}
