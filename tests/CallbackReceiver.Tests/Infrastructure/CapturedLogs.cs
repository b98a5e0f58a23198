using System.Collections.Concurrent;
using System.Globalization;
using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>What a service in this process logs, as compact JSON with message, properties and exception.</summary>
public sealed class CapturedLogs : ILogEventSink
{
    private readonly ConcurrentQueue<(LogEventLevel Level, string Line)> lines = new();

    public IReadOnlyCollection<string> Lines => [.. lines.Select(line => line.Line)];

    /// <summary>What PostgreSQL had to say beside its results, where <see cref="CapturedLogsSink.PostgresNotices"/> is configured.</summary>
    public ConcurrentQueue<string> Notices { get; } = new();

    /// <summary>The lines of level error and above.</summary>
    public IReadOnlyCollection<string> Errors => [.. lines.Where(line => line.Level >= LogEventLevel.Error).Select(line => line.Line)];

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        new RenderedCompactJsonFormatter().Format(logEvent, line);
        lines.Enqueue((logEvent.Level, line.ToString()));
    }
}

/// <summary>A Serilog sink that the service's configuration can name: that of the host which is being started.</summary>
public static class CapturedLogsSink
{
    private static readonly AsyncLocal<CapturedLogs?> Starting = new();

    internal static IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Serilog:Using:0"] = typeof(CapturedLogs).Assembly.GetName().Name,
        ["Serilog:WriteTo:0"] = nameof(CapturedLogs),
    };

    public static LoggerConfiguration CapturedLogs(this LoggerSinkConfiguration writeTo) => writeTo.Sink(Starting.Value!);

    /// <summary>Takes PostgreSQL's notices aside, so that they are logged nowhere else; nor is what else is below a warning.</summary>
    public static LoggerConfiguration PostgresNotices(this LoggerFilterConfiguration filter) => filter.With(new NoticesAside(Starting.Value!));

    internal static CapturedLogs StartCapturing() => Starting.Value = new CapturedLogs();

    private sealed class NoticesAside(CapturedLogs logs) : ILogEventFilter
    {
        public bool IsEnabled(LogEvent logEvent)
        {
            if (logEvent.Properties.GetValueOrDefault("NoticeText") is not ScalarValue { Value: string notice })
                return logEvent.Level >= LogEventLevel.Warning;
            logs.Notices.Enqueue(notice);
            return false;
        }
    }
}
