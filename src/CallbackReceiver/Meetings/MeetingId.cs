using Microsoft.AspNetCore.Http.Features;

namespace CallbackReceiver.Meetings;

/// <summary>
/// A meeting's id in a URL, which may hold any character. The server leaves an encoded slash as it is and decodes everything else, so that
/// in the path <c>%2F</c> and <c>%252F</c> look the same; the request's own text tells them apart.
/// </summary>
internal readonly record struct MeetingId(string Value)
{
    public const string RouteParameter = "meeting_id";

    private const string EncodedSlash = "%2F";

    public static ValueTask<MeetingId> BindAsync(HttpContext context) =>
        ValueTask.FromResult(Of((string)context.GetRouteValue(RouteParameter)!, context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? ""));

    private static MeetingId Of(string inPath, string rawTarget)
    {
        if (!inPath.Contains(EncodedSlash, StringComparison.OrdinalIgnoreCase))
            return new MeetingId(inPath);
        var sent = rawTarget.Split('?')[0].Split('/').LastOrDefault(segment => AsInPath(segment) == inPath);
        return new MeetingId(sent is null ? inPath : Uri.UnescapeDataString(sent));
    }

    private static string AsInPath(string segment) => Uri.UnescapeDataString(
        segment.Replace("%2F", "%252F", StringComparison.Ordinal).Replace("%2f", "%252f", StringComparison.Ordinal));
}
