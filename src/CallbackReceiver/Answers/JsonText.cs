using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CallbackReceiver.Answers;

/// <summary>
/// A JSON value within an answer, which goes out as it is: numbers as they were written, members in their order, however deeply it is nested.
/// Strings are as all answers write them, and there is no white space between, so that it fits a line.
/// </summary>
[JsonConverter(typeof(Converter))]
internal readonly struct JsonText
{
    /// <summary>Longer strings are written piece by piece: as a whole, one takes six times its length while it is written.</summary>
    private const int LongString = 4096;

    private const int SmallBytes = 16 * 1024;

    private static readonly JsonReaderOptions Reading = new() { MaxDepth = int.MaxValue };

    private static readonly JsonWriterOptions Writing = new() { Encoder = JsonSetup.Encoder, SkipValidation = true, MaxDepth = int.MaxValue };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? scratch;

    private JsonText(ReadOnlyMemory<byte> utf8) => Utf8 = utf8;

    public static JsonText EmptyObject { get; } = new("{}"u8.ToArray());

    public static JsonText EmptyArray { get; } = new("[]"u8.ToArray());

    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <returns>Null where the bytes are no JSON.</returns>
    public static JsonText? TryParse(ReadOnlySpan<byte> json)
    {
        if (json.SequenceEqual(EmptyObject.Utf8.Span))
            return EmptyObject;
        if (json.SequenceEqual(EmptyArray.Utf8.Span))
            return EmptyArray;
        try
        {
            if (json.Length > SmallBytes)
            {
                var large = new ArrayBufferWriter<byte>(json.Length + LongString);
                Write(json, large);
                return new JsonText(large.WrittenMemory);
            }

            var small = scratch ??= new ArrayBufferWriter<byte>(2 * SmallBytes);
            small.ResetWrittenCount();
            Write(json, small);
            return new JsonText(small.WrittenSpan.ToArray());
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null; // the latter is half a surrogate pair
        }
    }

    public static JsonText Parse(string json) => TryParse(Encoding.UTF8.GetBytes(json)) ?? throw new ArgumentException("Not JSON.", nameof(json));

    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    private static void Write(ReadOnlySpan<byte> json, ArrayBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        var reader = new Utf8JsonReader(json, Reading);
        while (reader.Read())
            WriteToken(reader, writer);
    }

    private static void WriteToken(in Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.PropertyName or JsonTokenType.String when reader.ValueIsEscaped:
                WriteUnescaped(reader, writer);
                break;
            case JsonTokenType.PropertyName or JsonTokenType.String:
                WriteString(reader.TokenType, reader.ValueSpan, writer);
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }

    private static void WriteUnescaped(in Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            WriteString(reader.TokenType, buffer.AsSpan(0, reader.CopyString(buffer)), writer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void WriteString(JsonTokenType type, ReadOnlySpan<byte> text, Utf8JsonWriter writer)
    {
        if (type == JsonTokenType.PropertyName)
        {
            writer.WritePropertyName(text);
            return;
        }

        if (text.Length <= LongString)
        {
            writer.WriteStringValue(text);
            return;
        }

        for (; text.Length > LongString; text = text[LongString..])
            writer.WriteStringValueSegment(text[..LongString], isFinalSegment: false);
        writer.WriteStringValueSegment(text, isFinalSegment: true);
    }

    private sealed class Converter : JsonConverter<JsonText>
    {
        public override void Write(Utf8JsonWriter writer, JsonText value, JsonSerializerOptions options) => writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);

        public override JsonText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("It is only written.");
    }
}
