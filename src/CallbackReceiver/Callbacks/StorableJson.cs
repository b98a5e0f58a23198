using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// JSON as PostgreSQL can hold it. Python's <c>json.dumps</c> writes U+0000 and lone surrogates as escapes, which text and jsonb
/// refuse. Text takes any number; jsonb does not, and writes out the others: <c>1e308</c> becomes 309 digits.
/// </summary>
internal static class StorableJson
{
    /// <summary>Digits that a number may have for jsonb: more than any integer that Python writes by default has.</summary>
    private const int MaxDigits = 4300;

    /// <summary>The power of ten that a number may have for jsonb, so that it does not become much longer there.</summary>
    private const int MaxPower = 40;

    private const int EscapeLength = 6;

    /// <summary>
    /// Replaces the escapes of U+0000 and of lone surrogates by that of U+FFFD, which is as long: every offset stays.
    /// </summary>
    /// <returns>The same memory where there was nothing to replace, else a copy.</returns>
    public static ReadOnlyMemory<byte> Repair(ReadOnlyMemory<byte> json)
    {
        byte[]? repaired = null;
        var source = json.Span;
        for (var at = source.IndexOf((byte)'\\'); at >= 0; at = Next(source, at))
        {
            if (!IsUnstorable(source, ref at))
                continue;
            repaired ??= json.ToArray();
            "\\ufffd"u8.CopyTo(repaired.AsSpan(at));
            at += EscapeLength;
        }

        return repaired ?? json;

        static int Next(ReadOnlySpan<byte> source, int from)
        {
            var next = from < source.Length ? source[from..].IndexOf((byte)'\\') : -1;
            return next < 0 ? -1 : from + next;
        }
    }

    /// <summary>Moves the reader from the start of a value to its end.</summary>
    /// <returns>False where the value holds a number that jsonb does not take, or writes out.</returns>
    public static bool Skip(ref Utf8JsonReader reader)
    {
        var fitsJsonb = FitsJsonb(reader);
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return fitsJsonb;
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
            fitsJsonb &= FitsJsonb(reader);
        return fitsJsonb;
    }

    /// <summary>Whether an escape at <paramref name="at"/> has to go; if it can stay, <paramref name="at"/> moves past it.</summary>
    private static bool IsUnstorable(ReadOnlySpan<byte> source, ref int at)
    {
        if (source.Length > at + 2 && source[at + 1] == 'u' && source[at + 2] is not ((byte)'0' or (byte)'d' or (byte)'D'))
        {
            at += EscapeLength; // neither U+0000 nor a surrogate: nearly every character of a Chinese text
            return false;
        }

        if (!TryReadEscape(source[at..], out var unit))
        {
            at += 2; // an escape of one character, or of none: that is for the JSON reader to refuse
            return false;
        }

        if (char.IsHighSurrogate(unit) && TryReadEscape(source[(at + EscapeLength)..], out var low) && char.IsLowSurrogate(low))
        {
            at += 2 * EscapeLength;
            return false;
        }

        if (unit == '\0' || char.IsSurrogate(unit))
            return true;
        at += EscapeLength;
        return false;
    }

    private static bool TryReadEscape(ReadOnlySpan<byte> source, out char unit)
    {
        unit = '\0';
        if (source.Length < EscapeLength || !source.StartsWith("\\u"u8)
            || !Utf8Parser.TryParse(source[2..EscapeLength], out ushort value, out var consumed, 'x') || consumed != 4)
        {
            return false;
        }

        unit = (char)value;
        return true;
    }

    private static bool FitsJsonb(in Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number)
            return true;
        var number = reader.ValueSpan;
        if (number.Length > MaxDigits)
            return false;
        var exponent = number.IndexOfAny((byte)'e', (byte)'E');
        return exponent < 0
            || (int.TryParse(number[(exponent + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power)
                && Math.Abs((long)power) <= MaxPower);
    }
}
