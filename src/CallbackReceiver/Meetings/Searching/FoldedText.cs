using System.Text;
using System.Text.Json;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Text as search compares it: Unicode's NFKC_Casefold, typographic quotes as those of ASCII, every i of Turkish as i, and any run of white
/// space as one space (<see cref="FoldingTable"/>). Both what is searched and what is searched for are folded, so that PostgreSQL compares bytes.
/// </summary>
internal static class FoldedText
{
    /// <summary>Stands between two fields, and between two segments of a transcript; no folded field holds it.</summary>
    public const char Separator = '\n';

    /// <summary>Another way to fold has another number, and a migration with an index of what is not folded so yet (<see cref="Refolding"/>).</summary>
    public const string Version = "2";

    public static string Of(string text)
    {
        var writer = new FoldingWriter(text.Length);
        writer.Write(text);
        using var folded = writer.Finish();
        return Encoding.UTF8.GetString(folded.Span).TrimEnd(Separator);
    }

    /// <summary>The text of a meeting that search looks into, in UTF-8.</summary>
    /// <param name="fields">Title, summary and the like; null where there is none.</param>
    /// <param name="transcript">A JSON array of segments, in UTF-8.</param>
    public static LongValue<byte> Of(ReadOnlySpan<string?> fields, ReadOnlySpan<byte> transcript)
    {
        var length = transcript.Length;
        foreach (var field in fields)
            length += (field?.Length ?? 0) + 1;
        var writer = new FoldingWriter(length);
        foreach (var field in fields)
            writer.Write(field);

        var chars = LongValue.PoolOf<char>();
        var segment = chars.Rent(1024);
        var reader = new Utf8JsonReader(transcript);
        while (reader.Read())
        {
            // A segment's own members stand right below the array and the segment.
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2 && reader.ValueTextEquals("text"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                if (segment.Length < reader.ValueSpan.Length) // no text is longer in characters than in bytes
                {
                    chars.Return(segment);
                    segment = chars.Rent(reader.ValueSpan.Length);
                }

                writer.Write(segment.AsSpan(0, reader.CopyString(segment)));
            }
        }

        chars.Return(segment);
        return writer.Finish();
    }

    /// <summary>Folds a meeting's text that another version folded: the same comes out as if it was folded now for the first time.</summary>
    public static LongValue<byte> Again(ReadOnlySpan<byte> text)
    {
        var characters = LongValue.PoolOf<char>().Rent(text.Length);
        ReadOnlySpan<char> folded = characters.AsSpan(0, Encoding.UTF8.GetChars(text, characters));
        var writer = new FoldingWriter(text.Length);
        foreach (var field in folded.Split(Separator))
            writer.Write(folded[field]);
        LongValue.PoolOf<char>().Return(characters);
        return writer.Finish();
    }
}
