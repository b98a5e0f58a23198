using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>Gathers the members of a JSON object that have no field of their own into an object, by copying their bytes as they are.</summary>
internal struct MemberCollector(ReadOnlyMemory<byte> json)
{
    private static readonly byte[] Empty = "{}"u8.ToArray();

    private List<Range>? members;

    /// <summary>Takes the member whose value the reader has just read to its end.</summary>
    /// <param name="start">The offset of the member's name in the JSON.</param>
    /// <param name="reader">The reader at the end of the member's value.</param>
    public void Add(long start, in Utf8JsonReader reader) => (members ??= []).Add(new Range((int)start, (int)reader.BytesConsumed));

    public readonly ReadOnlyMemory<byte> ToObject()
    {
        if (members is null)
            return Empty;
        var source = json.Span;
        var length = 1 + members.Count;
        foreach (var member in members)
            length += source[member].Length;

        var collected = new byte[length];
        var at = 0;
        foreach (var member in members)
        {
            collected[at++] = at == 1 ? (byte)'{' : (byte)',';
            source[member].CopyTo(collected.AsSpan(at));
            at += source[member].Length;
        }

        collected[at] = (byte)'}';
        return collected;
    }
}
