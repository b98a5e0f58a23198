using System.Buffers;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Python's <c>json.dumps</c> writes numbers that are not finite as <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>, which are no JSON. For the
/// parser a number of the same length is put in the place of each, so that every offset stays; what is kept shows each as a string.
/// </summary>
internal static class NonFiniteNumbers
{
    private static readonly SearchValues<byte> BeginningsAndQuotes = SearchValues.Create("NI\""u8);

    /// <returns>A copy that JSON's grammar fits, with numbers in the places of what is not finite; the same memory where there is none.</returns>
    public static ReadOnlyMemory<byte> Mask(ReadOnlyMemory<byte> json)
    {
        byte[]? masked = null;
        for (var at = Find(json.Span, 0, out var length); at >= 0; at = Find(json.Span, at + length, out length))
        {
            masked ??= json.ToArray();
            var digits = masked.AsSpan(at, length);
            digits = digits[0] == (byte)'-' ? digits[1..] : digits;
            digits.Fill((byte)'1');
        }

        return masked ?? json;
    }

    /// <returns>A copy in which each number that is not finite is a string, such as <c>"NaN"</c>; the same memory where there is none.</returns>
    public static ReadOnlyMemory<byte> Quote(ReadOnlyMemory<byte> json)
    {
        ArrayBufferWriter<byte>? quoted = null;
        var copied = 0;
        for (var at = Find(json.Span, 0, out var length); at >= 0; at = Find(json.Span, at + length, out length))
        {
            quoted ??= new ArrayBufferWriter<byte>(json.Length + 64);
            quoted.Write(json.Span[copied..at]);
            quoted.Write("\""u8);
            quoted.Write(json.Span.Slice(at, length));
            quoted.Write("\""u8);
            copied = at + length;
        }

        quoted?.Write(json.Span[copied..]);
        return quoted?.WrittenMemory ?? json;
    }

    /// <summary>Finds the next such number outside of strings, where a value may stand.</summary>
    /// <returns>Where it begins; -1 where there is none.</returns>
    private static int Find(ReadOnlySpan<byte> json, int from, out int length)
    {
        for (var at = from; json[at..].IndexOfAny(BeginningsAndQuotes) is >= 0 and var next;)
        {
            at += next;
            if (json[at] == (byte)'"')
            {
                at = EndOfString(json, at);
                continue;
            }

            length = json[at..].StartsWith("NaN"u8) ? 3 : json[at..].StartsWith("Infinity"u8) ? 8 : 1;
            var start = length == 8 && at > 0 && json[at - 1] == (byte)'-' ? at - 1 : at;
            if (length > 1 && IsValue(json[..start], json[(at + length)..]))
            {
                length += at - start;
                return start;
            }

            at += length;
        }

        length = 0;
        return -1;
    }

    /// <summary>Whether what stands between is a value, and neither a member's name nor a part of a longer word.</summary>
    private static bool IsValue(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        before = before.TrimEnd(" \t\r\n"u8);
        after = after.TrimStart(" \t\r\n"u8);
        return before is [.., (byte)':' or (byte)',' or (byte)'['] && after is [(byte)',' or (byte)']' or (byte)'}', ..];
    }

    /// <returns>The offset behind the string's closing quote; the end of the JSON where it is not closed.</returns>
    private static int EndOfString(ReadOnlySpan<byte> json, int at)
    {
        for (at++; json[at..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var next;)
        {
            at += next;
            if (json[at] == (byte)'"')
                return at + 1;
            at = Math.Min(at + 2, json.Length);
        }

        return json.Length;
    }
}
