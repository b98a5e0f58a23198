using System.Text.Json;
using System.Text.Json.Serialization;

namespace CallbackReceiver.Answers;

/// <summary>Writes a text that may be of megabytes piece by piece: as a whole, it would take six times its length while it is written.</summary>
internal sealed class LongTextConverter : JsonConverter<string>
{
    private const int Piece = 4096;

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        if (value.Length <= Piece)
        {
            writer.WriteStringValue(value);
            return;
        }

        var rest = value.AsSpan();
        for (; rest.Length > Piece; rest = rest[Piece..])
            writer.WriteStringValueSegment(rest[..Piece], isFinalSegment: false);
        writer.WriteStringValueSegment(rest, isFinalSegment: true);
    }

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();
}
