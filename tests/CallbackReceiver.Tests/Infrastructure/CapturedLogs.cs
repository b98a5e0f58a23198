using System.Collections.Concurrent;
using System.Globalization;
using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>What a service in this process logs, as compact JSON with message, properties and exception. It is a Serilog sink, set up through the service's configuration.</summary>
public sealed class CapturedLogs : ILogEventSink, IDisposable
{
    internal static readonly ConcurrentDictionary<string, CapturedLogs> Open = new();

    private readonly string name = Guid.NewGuid().ToString("N");
    private readonly ConcurrentQueue<(LogEventLevel Level, string Line)> lines = new();

    public CapturedLogs() => Open[name] = this;

    public IReadOnlyCollection<string> Lines => [.. lines.Select(line => line.Line)];

    /// <summary>The lines of level error and above.</summary>
    public IReadOnlyCollection<string> Errors => [.. lines.Where(line => line.Level >= LogEventLevel.Error).Select(line => line.Line)];

    internal IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Serilog:Using:0"] = typeof(CapturedLogs).Assembly.GetName().Name,
        ["Serilog:WriteTo:0:Name"] = nameof(CapturedLogsSink.CapturedLogs),
        ["Serilog:WriteTo:0:Args:name"] = name,
    };

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        new RenderedCompactJsonFormatter().Format(logEvent, line);
        lines.Enqueue((logEvent.Level, line.ToString()));
    }

    public void Dispose() => Open.TryRemove(name, out _);
}

/// <summary>Lets the section <c>Serilog</c> name a <see cref="CapturedLogs"/>.</summary>
public static class CapturedLogsSink
{
    public static LoggerConfiguration CapturedLogs(this LoggerSinkConfiguration writeTo, string name) => writeTo.Sink(Infrastructure.CapturedLogs.Open[name]);
}
