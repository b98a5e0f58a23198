using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CallbackReceiver.Tests.Storage.Embedded;

internal sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, EventId Event, string Message)> messages = new();

    public IReadOnlyCollection<(LogLevel Level, EventId Event, string Message)> Messages => messages;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        messages.Enqueue((logLevel, eventId, formatter(state, exception) + exception));
}
