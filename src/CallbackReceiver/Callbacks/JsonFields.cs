using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>Reads the kinds of member that envelope and payload share.</summary>
internal static class JsonFields
{
    public const string NotText = "expected a string or null";

    private const int MaxNameLength = 200;

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
}
