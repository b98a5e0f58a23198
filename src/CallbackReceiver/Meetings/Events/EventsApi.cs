using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace CallbackReceiver.Meetings.Events;

/// <summary>Server-Sent Events: a workspace's new analyses as they are committed.</summary>
internal static class EventsApi
{
    public const string ContentType = "text/event-stream";

    /// <summary>The header that a browser sends when it comes back (WHATWG HTML, "Server-sent events").</summary>
    private const string LastEventIdHeader = "Last-Event-ID";

    private const string MeetingEvent = "meeting";
    private const string HeartbeatEvent = "heartbeat";
    private const string ResetEvent = "reset";

    private static readonly QueryParameter LastEventId = new(
        "last_event_id", $"The `id` of the last event that was seen, for clients that cannot send the header `{LastEventIdHeader}`.", "expected the id of an event");

    private static readonly QueryParameter LastEventIdInHeader = LastEventId with { Name = LastEventIdHeader };

    /// <summary>Proxies close what is silent for a minute or so.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>After that a stream ends, and its reader comes again: with a key that is still good.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    public static QueryParameter[] Parameters { get; } = [LastEventId];

    public static IResult Get(
        string workspace_id, HttpRequest request, EventHub hub, EventBacklog backlog, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        var query = new QueryReader(request);
        long? after = query.Read<long>(LastEventId, ParseId);
        if (request.Headers[LastEventIdHeader] is { Count: > 0 } headers)
        {
            after = headers is [{ } header] ? ParseId(header) : null;
            if (after is null)
                query.Refuse(LastEventIdInHeader, LastEventId.Expectation);
        }

        if (query.Problem is { } problem)
            return problem;
        request.HttpContext.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back
        return TypedResults.ServerSentEvents(ListenAsync(workspace_id, after, hub, backlog, lifetime, time, request.HttpContext.RequestAborted));
    }

    private static async IAsyncEnumerable<SseItem<string>> ListenAsync(
        string workspaceId, long? lastSeen, EventHub hub, EventBacklog backlog, IHostApplicationLifetime lifetime, TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var feed = await hub.JoinAsync(workspaceId, cancellationToken);
        try
        {
            var position = feed.Last;
            if (lastSeen is { } last)
            {
                var state = await backlog.ReadStateAsync(workspaceId, cancellationToken);
                position = Math.Clamp(last, state.Trimmed, Math.Max(state.Trimmed, state.Last));
                if (position != last)
                    yield return new SseItem<string>("{}", ResetEvent) { EventId = IdOf(position) };
            }

            yield return HeartbeatAt(position);
            var started = time.GetTimestamp();
            while (time.GetElapsedTime(started) < Longest && !lifetime.ApplicationStopping.IsCancellationRequested)
            {
                var news = feed.News;
                var events = await feed.ReadAsync(position, cancellationToken);
                foreach (var happened in events)
                {
                    yield return new SseItem<string>(happened.Json, MeetingEvent) { EventId = IdOf(happened.Id) };
                    position = happened.Id;
                }

                if (events.Count == 0 && !await IsThereNewsAsync(news, time, lifetime.ApplicationStopping, cancellationToken))
                    yield return HeartbeatAt(position);
            }
        }
        finally
        {
            hub.Leave(workspaceId, feed);
        }
    }

    private static async Task<bool> IsThereNewsAsync(Task news, TimeProvider time, CancellationToken stopping, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        try
        {
            await news.WaitAsync(Heartbeat, time, either.Token);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true; // stopping
        }
    }

    /// <summary>Carries the position, so that a reader that has not seen an event yet comes back to where it was.</summary>
    private static SseItem<string> HeartbeatAt(long position) => new("{}", HeartbeatEvent) { EventId = IdOf(position) };

    private static long? ParseId(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static string IdOf(long id) => id.ToString(CultureInfo.InvariantCulture);
}
