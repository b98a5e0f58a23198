using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace CallbackReceiver.Meetings;

/// <summary>A segment of a transcript.</summary>
/// <param name="Text">What was said.</param>
/// <param name="Speaker">Who said it.</param>
internal sealed record SegmentView(string? Text, string? Speaker);

/// <summary>A transcript for people: a line "speaker: text" a segment.</summary>
internal static class TranscriptText
{
    public const string ContentType = "text/plain";

    /// <summary>Whether the request likes plain text better than JSON.</summary>
    public static bool IsWanted(HttpRequest request) => request.GetTypedHeaders().Accept is { Count: > 0 } accept
        && QualityOf(accept, ContentType) > QualityOf(accept, "application/json");

    public static string Of(JsonElement transcript)
    {
        var lines = new StringBuilder();
        foreach (var segment in transcript.EnumerateArray())
        {
            if (StringOf(segment, "speaker") is { Length: > 0 } speaker)
                lines.Append(speaker).Append(": ");
            lines.Append(StringOf(segment, "text")).Append('\n');
        }

        return lines.ToString();
    }

    /// <summary>The quality of the most specific range that holds the media type (RFC 9110, section 12.5.1).</summary>
    private static double QualityOf(IEnumerable<MediaTypeHeaderValue> accept, string mediaType)
    {
        var wanted = new MediaTypeHeaderValue(mediaType);
        return accept
            .Where(wanted.IsSubsetOf)
            .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
            .Select(range => range.Quality ?? 1)
            .FirstOrDefault();
    }

    private static string? StringOf(JsonElement segment, string name) =>
        segment.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
