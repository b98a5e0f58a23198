using System.Text;
using System.Text.Json;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Text as search compares it: lower case, full-width forms as their ASCII, and any run of white space as one space. Both what is searched
/// and what is searched for are folded, so that PostgreSQL compares bytes.
/// </summary>
internal static class FoldedText
{
    /// <summary>Stands between two fields, and between two segments of a transcript; no folded field holds it.</summary>
    public const char Separator = '\n';

    private const char FullWidthFirst = '\uFF01';
    private const char FullWidthLast = '\uFF5E';
    private const int FullWidthOffset = FullWidthFirst - '!';

    public static string Of(string text)
    {
        var folded = new StringBuilder(text.Length);
        Append(folded, text);
        return folded.ToString().ToLowerInvariant();
    }

    /// <summary>The text of a meeting that search looks into.</summary>
    /// <param name="fields">Title, summary and the like; null where there is none.</param>
    /// <param name="transcript">A JSON array of segments, in UTF-8.</param>
    public static string Of(ReadOnlySpan<string?> fields, ReadOnlySpan<byte> transcript)
    {
        var folded = new StringBuilder();
        foreach (var field in fields)
            AppendField(folded, field);

        var reader = new Utf8JsonReader(transcript);
        while (reader.Read())
        {
            // A segment's own members stand right below the array and the segment.
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2 && reader.ValueTextEquals("text"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                AppendField(folded, reader.GetString());
            }
        }

        return folded.ToString().ToLowerInvariant();
    }

    private static void AppendField(StringBuilder folded, string? field)
    {
        if (string.IsNullOrWhiteSpace(field))
            return;
        Append(folded, field);
        folded.Append(Separator);
    }

    private static void Append(StringBuilder folded, string text)
    {
        var start = folded.Length;
        var isSpace = false;
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                isSpace = true;
                continue;
            }

            if (isSpace && folded.Length > start)
                folded.Append(' ');
            isSpace = false;
            folded.Append(character is >= FullWidthFirst and <= FullWidthLast ? (char)(character - FullWidthOffset) : character);
        }
    }
}
