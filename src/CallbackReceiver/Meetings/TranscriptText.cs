using System.Text;
using System.Text.Json;
using CallbackReceiver.Answers;
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

    public static string Of(JsonText transcript)
    {
        var lines = new StringBuilder();
        Read(transcript, segment =>
        {
            if (segment.Speaker is { Length: > 0 } speaker)
                lines.Append(speaker).Append(": ");
            lines.Append(segment.Text).Append('\n');
        });
        return lines.ToString();
    }

    /// <summary>Gives the segments one after the other, so that they need not all be in memory.</summary>
    public static void Read(JsonText transcript, Action<SegmentView> give)
    {
        string? text = null, speaker = null;
        var reader = new Utf8JsonReader(transcript.Utf8.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            // A segment is right below the array, and its members right below the segment.
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2)
            {
                if (reader.ValueTextEquals("speaker"u8))
                    speaker = ReadString(ref reader);
                else if (reader.ValueTextEquals("text"u8))
                    text = ReadString(ref reader);
            }
            else if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 1)
            {
                give(new SegmentView(text, speaker));
                (text, speaker) = (null, null);
            }
        }
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

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        reader.Skip();
        return null;
    }
}
