using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>Gathers the members of a JSON object that have no field of their own into an object, by copying their bytes as they are.</summary>
/// <param name="json">The JSON whose members they are.</param>
internal struct MemberCollector(SentJson json)
{
    private static readonly byte[] Empty = "{}"u8.ToArray();

    private List<Range>? members;

    /// <summary>Whether jsonb takes all members, and does not write out their numbers.</summary>
    public bool FitsJsonb { get; private set; } = true;

    /// <summary>Takes the member whose name the reader stands at, and moves the reader to the end of its value.</summary>
    public void Take(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Read();
        FitsJsonb &= StorableJson.Skip(ref reader);
        (members ??= []).Add(new Range(start, (int)reader.BytesConsumed));
    }

    public readonly ReadOnlyMemory<byte> ToObject() => members is null ? Empty : json.Keep(members);
}
