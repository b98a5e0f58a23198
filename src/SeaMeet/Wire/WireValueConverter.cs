using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>Reads and writes a <see cref="IWireValue{TSelf}"/> as its word.</summary>
internal sealed class WireValueConverter<T> : JsonConverter<T>
    where T : struct, IWireValue<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => T.Of(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
