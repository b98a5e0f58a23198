using System.Buffers;
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
        var folded = ArrayPool<char>.Shared.Rent(text.Length);
        text.CopyTo(folded);
        var lower = Lower(folded.AsSpan(0, Fold(folded.AsSpan(0, text.Length))));
        ArrayPool<char>.Shared.Return(folded);
        return lower;
    }

    /// <summary>The text of a meeting that search looks into, in UTF-8.</summary>
    /// <param name="fields">Title, summary and the like; null where there is none.</param>
    /// <param name="transcript">A JSON array of segments, in UTF-8.</param>
    public static LongValue<byte> Of(ReadOnlySpan<string?> fields, ReadOnlySpan<byte> transcript)
    {
        // No text is longer in characters than in bytes, and each one's separator takes the room of its quotes.
        var length = transcript.Length;
        foreach (var field in fields)
            length += (field?.Length ?? 0) + 1;
        var folded = LongValue.PoolOf<char>().Rent(length);
        var end = 0;
        foreach (var field in fields)
        {
            field.AsSpan().CopyTo(folded.AsSpan(end));
            end = Close(folded, end, field?.Length ?? 0);
        }

        var reader = new Utf8JsonReader(transcript);
        while (reader.Read())
        {
            // A segment's own members stand right below the array and the segment.
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2 && reader.ValueTextEquals("text"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                end = Close(folded, end, reader.CopyString(folded.AsSpan(end)));
            }
        }

        return LowerUtf8(folded, end);
    }

    /// <summary>Folds what has been copied behind the end, and closes it with a separator; nothing but white space leaves nothing.</summary>
    /// <returns>The new end.</returns>
    private static int Close(char[] folded, int end, int length)
    {
        var left = Fold(folded.AsSpan(end, length));
        if (left == 0)
            return end;
        folded[end + left] = Separator;
        return end + left + 1;
    }

    /// <summary>Folds in place all but the case.</summary>
    /// <returns>How long what is left is.</returns>
    private static int Fold(Span<char> text)
    {
        var end = 0;
        var isSpace = false;
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                isSpace = true;
                continue;
            }

            if (isSpace && end > 0)
                text[end++] = ' ';
            isSpace = false;
            text[end++] = character is >= FullWidthFirst and <= FullWidthLast ? (char)(character - FullWidthOffset) : character;
        }

        return end;
    }

    /// <param name="folded">An array of the pool, which is given back.</param>
    /// <param name="length">How much of it is the text.</param>
    private static LongValue<byte> LowerUtf8(char[] folded, int length)
    {
        var chars = LongValue.PoolOf<char>();
        var lower = chars.Rent(length);
        folded.AsSpan(0, length).ToLowerInvariant(lower);
        chars.Return(folded);
        var text = LongValue.PoolOf<byte>().Rent(Encoding.UTF8.GetByteCount(lower, 0, length));
        var bytes = Encoding.UTF8.GetBytes(lower, 0, length, text, 0);
        chars.Return(lower);
        return new LongValue<byte>(text, bytes);
    }

    private static string Lower(ReadOnlySpan<char> text) => string.Create(text.Length, text, static (lower, text) => text.ToLowerInvariant(lower));
}
