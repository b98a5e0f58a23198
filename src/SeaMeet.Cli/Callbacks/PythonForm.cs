using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SeaMeet.Cli.Callbacks;

/// <summary>JSON in the form in which Python's <c>json.dumps</c> writes the same content. Numbers are taken as they are written.</summary>
internal static class PythonForm
{
    private const int MaxDepth = 128;

    /// <returns>Null where the bytes are no JSON.</returns>
    public static byte[]? Of(ReadOnlySpan<byte> json, bool ensureAscii)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            var value = Read(ref reader);
            return reader.Read() ? null : Encoding.UTF8.GetBytes(PythonJson.Dumps(value, ensureAscii));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static object? Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader),
        JsonTokenType.StartArray => ReadArray(ref reader),
        JsonTokenType.String => Unescape(reader.ValueSpan),
        JsonTokenType.Number => new RawJson(Encoding.UTF8.GetString(reader.ValueSpan)),
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => null,
    };

    private static List<KeyValuePair<string, object?>> ReadObject(ref Utf8JsonReader reader)
    {
        var members = new List<KeyValuePair<string, object?>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = Unescape(reader.ValueSpan);
            reader.Read();
            members.Add(new(name, Read(ref reader)));
        }

        return members;
    }

    private static List<object?> ReadArray(ref Utf8JsonReader reader)
    {
        var values = new List<object?>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            values.Add(Read(ref reader));
        return values;
    }

    /// <summary>Unit by unit, since Python writes lone surrogates, which the reader's own way refuses.</summary>
    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        var text = Encoding.UTF8.GetString(raw);
        if (!text.Contains('\\'))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            i++;
            plain.Append(text[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(text.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                var other => other,
            });
            if (text[i] == 'u')
                i += 4;
        }

        return plain.ToString();
    }
}
