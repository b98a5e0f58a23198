using System.Reflection;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CallbackReceiver.Operations.Observing;

/// <summary>
/// Metrics, for whoever reads <c>/metrics</c>; and, where a collector is configured in OpenTelemetry's own way, metrics and traces for it.
/// Without a collector nothing is traced.
/// </summary>
internal static partial class TelemetrySetup
{
    private const string ServiceName = "callback-receiver";
    private const string ServiceNameKey = "OTEL_SERVICE_NAME";
    private const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The meters of the libraries, beside this service's own.</summary>
    private static readonly string[] Meters =
        ["Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    /// <exception cref="ConfigurationException">The collector's URL is none.</exception>
    public static void AddTelemetry(this WebApplicationBuilder builder, ILogger logger)
    {
        builder.AddMetricsEndpoint();
        var collector = ReadCollector(builder.Configuration);
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(
            builder.Configuration[ServiceNameKey] ?? ServiceName, serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString()));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter([Telemetry.Name, .. Meters]).AddView(MetricViews.Of)
                .AddPrometheusExporter(page => page.ScrapeResponseCacheDurationMilliseconds = 0); // each reader sees the moment at which it asks
            if (collector is not null)
                metrics.AddOtlpExporter();
        });
        if (collector is null)
            return;
        telemetry.WithTracing(traces => traces
            .AddSource(Telemetry.Name)
            .AddAspNetCoreInstrumentation(requests => requests.Filter = IsTraced)
            .AddNpgsql()
            .AddOtlpExporter());
        LogCollector(logger, $"{collector.Scheme}://{collector.Authority}");
    }

    /// <summary>
    /// What asks how the service is, says nothing of how it is used. A span begins before the routing, so that this goes by the path; nothing
    /// but noise depends on it.
    /// </summary>
    private static bool IsTraced(HttpContext http) =>
        !http.Request.Path.StartsWithSegments(MetricsEndpoint.Path) && !http.Request.Path.StartsWithSegments(HealthSetup.Path);

    private static Uri? ReadCollector(ConfigurationManager configuration)
    {
        if (configuration[EndpointKey] is not { Length: > 0 } text)
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : throw new ConfigurationException([$"{EndpointKey}: give the collector's URL, such as http://collector:4317."]);
    }

    [LoggerMessage(7200, LogLevel.Information, "Metrics and traces are sent to the collector at {Collector}")]
    private static partial void LogCollector(ILogger logger, string collector);
}
