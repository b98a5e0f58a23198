using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace CallbackReceiver.Operations.Observing;

/// <summary>How metrics are summed up: in which buckets, by which labels, and how many series of one there may be.</summary>
internal static class MetricViews
{
    /// <summary>Room for what has a series for each workspace and outcome. Beyond it, OpenTelemetry adds up the rest under one label.</summary>
    private const int MostOfWorkspaces = 10_000;

    /// <summary>Room for all else.</summary>
    private const int Most = 500;

    /// <summary>The route, not the path, and nothing that a client makes up.</summary>
    private static readonly string[] RequestLabels = ["http.request.method", "http.route", "http.response.status_code"];

    private static readonly string[] PoolLabels = ["db.client.connection.pool.name"];

    private static readonly HashSet<string> OfWorkspaces = new(StringComparer.Ordinal)
    {
        Telemetry.Prefix + "deliveries",
        Telemetry.Prefix + "signature.failures",
        Telemetry.Prefix + "key.uses",
        Telemetry.Prefix + "key.last_used.timestamp",
    };

    public static MetricStreamConfiguration Of(Instrument instrument) => instrument.Name switch
    {
        "http.server.request.duration" => Short(RequestLabels),
        "db.client.operation.duration" or "db.client.connection.npgsql.create_time" => Short(PoolLabels),
        "http.server.active_requests" or "kestrel.active_connections" or "kestrel.queued_connections" => new MetricStreamConfiguration { TagKeys = [] },
        "kestrel.connection.duration" => MetricStreamConfiguration.Drop, // of connections that Seasalt or a proxy keeps: it says nothing
        var name => new MetricStreamConfiguration { CardinalityLimit = OfWorkspaces.Contains(name) ? MostOfWorkspaces : Most },
    };

    private static ExplicitBucketHistogramConfiguration Short(string[] labels) =>
        new() { Boundaries = Telemetry.ShortTimes, TagKeys = labels, CardinalityLimit = Most };
}
