using Microsoft.Extensions.DependencyModel;
using Serilog;
using Serilog.Configuration;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Settings.Configuration;

namespace CallbackReceiver.Operations.Logging;

/// <summary>Logs: one line a request, but for callbacks that are stored, readable on a developer's console, compact JSON in a container.</summary>
internal static class LogSetup
{
    private const string RequestTemplate = "{RequestMethod:l} {RequestPath:l} {StatusCode} in {Elapsed:0.0} ms for {ClientAddress:l}";

    /// <summary>
    /// Levels and more are set in the section <c>Serilog</c>; what is set here are its defaults, and bounds for what would quote requests.
    /// </summary>
    /// <returns>A logger for what runs before the service is built.</returns>
    public static Microsoft.Extensions.Logging.ILogger AddLogs(this WebApplicationBuilder builder)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal) // whoever asks has the answer
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Database.Command", LogEventLevel.Fatal) // its failures are reported where they are caught
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal) // a start that fails is explained by Program
            .MinimumLevel.Override("Npgsql", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .ReadFrom.Configuration(builder.Configuration, new ConfigurationReaderOptions(DependencyContext.Default))
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LogEventLevel.Warning) // below, they hold queries
            .MinimumLevel.Override("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogEventLevel.Warning) // below, they quote header lines
            .Filter.ByExcluding(TellsOfBrokenBody)
            .Enrich.FromLogContext();
        var logger = (builder.Configuration.GetValue<bool>("DOTNET_RUNNING_IN_CONTAINER")
            ? configuration.WriteTo.Console(new PrintableJsonFormatter())
            : configuration.WriteTo.Sink(LoggerSinkConfiguration.Wrap(console => new PrintableSink(console), console => console.Console()))).CreateLogger();
        builder.Services.AddSerilog(logger, dispose: true);
        var early = new SerilogLoggerFactory(logger).CreateLogger(typeof(LogSetup).Namespace!);
        builder.Configuration.ReportSecretFiles(early);
        return early;
    }

    public static void UseRequestLog(this IApplicationBuilder app) => app.UseSerilogRequestLogging(options =>
    {
        options.Logger = app.ApplicationServices.GetRequiredService<Serilog.ILogger>(); // else the static one, which nobody sets
        options.MessageTemplate = RequestTemplate;
        options.IncludeQueryInRequestPath = false; // a query may search for a customer
        options.EnrichDiagnosticContext = (entry, context) => entry.Set("ClientAddress", $"{context.Connection.RemoteIpAddress}");
        options.GetLevel = LevelOf;
    });

    /// <summary>
    /// After a read that failed, or that the service gave up, the web server cannot read the rest of the body either, ends the connection, and
    /// logs an error with its stack. It is the client's doing, and the line of the request tells of it: 400 or 408.
    /// </summary>
    private static bool TellsOfBrokenBody(LogEvent entry) => entry.Properties.GetValueOrDefault("EventId") is StructureValue id
        && id.Properties.Any(member => member is { Name: "Name", Value: ScalarValue { Value: "RequestBodyDrainBodyReaderInvalidState" } });

    /// <summary>By the endpoint that answered: a path can be written in many ways.</summary>
    private static LogEventLevel LevelOf(HttpContext context, double elapsed, Exception? exception) =>
        context.GetEndpoint()?.Metadata.GetMetadata<QuietInLog>()?.Covers(context.Response.StatusCode) == true ? LogEventLevel.Debug
        : context.Response.StatusCode >= StatusCodes.Status500InternalServerError ? LogEventLevel.Error
        : LogEventLevel.Information;
}
