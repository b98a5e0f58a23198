using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>
/// Times of the API. The document writes <c>2024-05-30T21:53:34</c>, its script <c>2024-05-30 21:53:34</c>, both UTC without saying so in
/// the value. The document's form is written; either is read, with fractions and offsets where they come.
/// </summary>
internal sealed class WireTime : JsonConverter<DateTimeOffset?>
{
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    /// <returns>Null where it is no time.</returns>
    public static DateTimeOffset? Read(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    /// <summary>A time that cannot be read is no reason to lose the rest of an answer.</summary>
    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return Read(reader.GetString());
        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options)
    {
        if (value is { } time)
            writer.WriteStringValue(Write(time));
        else
            writer.WriteNullValue();
    }
}
