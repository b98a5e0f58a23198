using System.Globalization;

namespace CallbackReceiver.Meetings.Events;

/// <summary>Server-Sent Events: a workspace's new analyses as they are committed.</summary>
internal static class EventsApi
{
    public const string ContentType = "text/event-stream";

    /// <summary>The header that a browser sends when it comes back (WHATWG HTML, "Server-sent events").</summary>
    private const string LastEventIdHeader = "Last-Event-ID";

    private static readonly QueryParameter LastEventId = new(
        "last_event_id", $"The `id` of the last event that was seen, for clients that cannot send the header `{LastEventIdHeader}`.", "expected the id of an event");

    private static readonly QueryParameter LastEventIdInHeader = LastEventId with { Name = LastEventIdHeader };

    public static QueryParameter[] Parameters { get; } = [LastEventId];

    public static IResult Get(string workspace_id, HttpRequest request, EventSources sources)
    {
        var query = new QueryReader(request);
        long? after = query.Read<long>(LastEventId, ParseId);
        if (request.Headers[LastEventIdHeader] is { Count: > 0 } headers)
        {
            after = headers is [{ } header] ? ParseId(header) : null;
            if (after is null)
                query.Refuse(LastEventIdInHeader, LastEventId.Expectation);
        }

        return query.Problem as IResult ?? new EventStream(workspace_id, after, sources);
    }

    private static long? ParseId(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
