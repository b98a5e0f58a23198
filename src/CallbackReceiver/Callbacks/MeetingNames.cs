using System.Buffers;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Finds which meetings a body names that is no analysis: whatever is wrong with it, it is to go when one of them is erased. Looks for the
/// member <c>meeting_id</c> anywhere in the bytes, before and behind what is no JSON, within strings of JSON, and in spellings near to it.
/// </summary>
internal static class MeetingNames
{
    private const int MaxNameLength = 200;
    private const int MaxNames = 64;

    /// <summary>What stands between quotes and is longer is no id, but what follows a missing quote.</summary>
    private const int MaxValueBytes = 8 * 1024;

    private const int EscapeLength = 6;

    private static readonly SearchValues<byte> OfNumbers = SearchValues.Create("0123456789+-.eE"u8);

    private static ReadOnlySpan<byte> Space => " \t\r\n"u8;

    /// <param name="body">The body.</param>
    /// <param name="known">The meeting that the parser has found; null where it has found none.</param>
    /// <returns>The one it has found or else the first, and the others; null where there are none.</returns>
    public static (string? Meeting, IReadOnlyList<string>? Others) In(ReadOnlySpan<byte> body, string? known)
    {
        var names = new List<string>();
        if (known is not null)
            names.Add(known);
        Find(body, name =>
        {
            if (name.EnumerateRunes().Count() is >= 1 and <= MaxNameLength && !names.Contains(name))
                names.Add(name);
            return names.Count < MaxNames;
        });
        return (names.FirstOrDefault(), names.Count > 1 ? names[1..] : null);
    }

    /// <summary>Whether the body names the meeting.</summary>
    public static bool Name(ReadOnlySpan<byte> body, string meetingId)
    {
        var isNamed = false;
        Find(body, name => !(isNamed = name == meetingId));
        return isNamed;
    }

    /// <param name="body">The body.</param>
    /// <param name="take">Is given each name, and says whether to go on.</param>
    private static void Find(ReadOnlySpan<byte> body, Predicate<string> take)
    {
        var rest = Plain(body);
        for (var at = IndexOfStem(rest); at >= 0; at = IndexOfStem(rest))
        {
            rest = rest[at..];
            if (TryReadMember(ref rest) && ReadValue(rest) is { } name && !take(name))
                return;
        }
    }

    /// <summary>The bytes without the zeros of UTF-16, and with ASCII letters as themselves where they are escaped, however often.</summary>
    private static ReadOnlySpan<byte> Plain(ReadOnlySpan<byte> body)
    {
        if (!body.Contains((byte)0) && body.IndexOf("\\u00"u8) < 0)
            return body;
        var (plain, length) = (new byte[body.Length], 0);
        for (var at = 0; at < body.Length;)
        {
            if (body[at] == 0)
            {
                at++;
                continue;
            }

            var slashes = body[at..].IndexOfAnyExcept((byte)'\\') is >= 0 and var run ? run : body.Length - at;
            if (slashes > 0 && AsciiOf(body[(at + slashes - 1)..]) is { } escaped)
            {
                plain[length++] = escaped;
                at += slashes + EscapeLength - 1;
                continue;
            }

            var copied = Math.Max(slashes, 1);
            body.Slice(at, copied).CopyTo(plain.AsSpan(length));
            length += copied;
            at += copied;
        }

        return plain.AsSpan(0, length);
    }

    /// <returns>The character of an escape; null where it is none of ASCII, or one that must stay escaped.</returns>
    private static byte? AsciiOf(ReadOnlySpan<byte> escape) =>
        escape.Length >= EscapeLength && escape.StartsWith("\\u00"u8)
        && Convert.FromHexString(Encoding.Latin1.GetString(escape[4..EscapeLength]), new byte[1], out _, out _) == OperationStatus.Done
        && Convert.FromHexString(Encoding.Latin1.GetString(escape[4..EscapeLength]))[0] is var character
        && (char.IsAsciiLetterOrDigit((char)character) || character is (byte)'_' or (byte)'-')
            ? character
            : null;

    /// <returns>Where the next <c>eeting</c> stands, in small or large letters.</returns>
    private static int IndexOfStem(ReadOnlySpan<byte> text)
    {
        var (small, large) = (text.IndexOf("eeting"u8), text.IndexOf("EETING"u8));
        return small < 0 || large < 0 ? Math.Max(small, large) : Math.Min(small, large);
    }

    /// <summary>Moves past the rest of the name, the quotes around it and the colon; past the stem where it is another name.</summary>
    private static bool TryReadMember(ref ReadOnlySpan<byte> text)
    {
        text = text["eeting".Length..];
        var rest = text is [(byte)'_' or (byte)'-', ..] ? text[1..] : text;
        if (rest is not [(byte)'i' or (byte)'I', (byte)'d' or (byte)'D', ..])
            return false;
        rest = rest[2..].TrimStart((byte)'\\');
        if (rest is not [(byte)'"' or (byte)'\'', ..])
            return false;
        rest = rest[1..].TrimStart(Space);
        if (rest is not [(byte)':', ..])
            return false;
        text = rest[1..].TrimStart(Space);
        return true;
    }

    /// <returns>The text or number that begins here; null where there is none.</returns>
    private static string? ReadValue(ReadOnlySpan<byte> text)
    {
        var value = text.TrimStart((byte)'\\');
        if (value is not [(byte)'"' or (byte)'\'', ..])
            return ReadNumber(text);
        var (slashes, quote) = (text.Length - value.Length, value[0]);
        value = value[1..];
        for (var end = 0; end <= Math.Min(value.Length, MaxValueBytes); end++)
        {
            if (end < value.Length && value[end] != quote)
                continue;
            var escaping = end - value[..end].TrimEnd((byte)'\\').Length;
            if (end == value.Length || escaping <= slashes || (slashes == 0 && escaping % 2 == 0))
                return Unescaped(value[..(slashes == 0 ? end : end - Math.Min(escaping, slashes))], times: BitOperations.Log2((uint)slashes + 1) + 1);
        }

        return null;
    }

    private static string? ReadNumber(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExcept(OfNumbers);
        return (end < 0 ? text : text[..end]) is { Length: > 0 and <= MaxNameLength } number ? Encoding.ASCII.GetString(number) : null;
    }

    /// <summary>JSON within JSON is escaped twice, or more often: a quote has 1, 3, 7 backslashes before it.</summary>
    private static string? Unescaped(ReadOnlySpan<byte> raw, int times)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(raw);
            for (; times > 0 && text.Contains('\\', StringComparison.Ordinal); times--)
                text = JsonSerializer.Deserialize<string>($"\"{text}\"")!;
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
