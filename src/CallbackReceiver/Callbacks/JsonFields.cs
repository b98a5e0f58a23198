using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>Reads the kinds of member that envelope and payload share.</summary>
internal static class JsonFields
{
    public const string NotText = "expected a string or null";

    public const string NumberTooLarge = "a number has more digits, or a larger exponent, than can be stored";

    private const int MaxNameLength = 200;
    private const int MaxPointerSegmentLength = 100;

    /// <summary>
    /// Reads the value of the member whose name the reader stands at. Where it is the text that is expected, that string is returned and no
    /// new one made.
    /// </summary>
    /// <returns>Null where it is null, or is not a string: the latter is an error.</returns>
    public static string? ReadText(ref Utf8JsonReader reader, string path, SchemaErrors errors, string? expected = null)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return expected is not null && reader.ValueTextEquals(expected) ? expected : reader.GetString();
        if (reader.TokenType != JsonTokenType.Null)
            errors.Add(path, NotText);
        reader.Skip();
        return null;
    }

    /// <summary>Reads an id or an event's name, which have 1 to 200 characters.</summary>
    /// <inheritdoc cref="ReadText"/>
    public static string? ReadName(ref Utf8JsonReader reader, string path, SchemaErrors errors, string? expected = null)
    {
        var name = ReadText(ref reader, path, errors, expected);
        if (name is null)
            return null;
        var characters = name.Length <= MaxNameLength ? name.Length : name.EnumerateRunes().Count();
        if (characters is >= 1 and <= MaxNameLength)
            return name;
        errors.Add(path, $"expected 1 to {MaxNameLength} characters");
        return null;
    }

    /// <summary>The name that the reader stands at, as a part of a JSON pointer (RFC 6901).</summary>
    public static string PointerSegment(in Utf8JsonReader reader)
    {
        var name = reader.GetString()!;
        if (name.Length > MaxPointerSegmentLength)
            name = string.Concat(name.AsSpan(0, MaxPointerSegmentLength), "…");
        return name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
    }
}
