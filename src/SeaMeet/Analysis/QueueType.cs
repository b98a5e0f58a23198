using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>The queue that a job waits in. Only the vendor's script knows it.</summary>
/// <param name="Value">The word as the API writes it.</param>
[JsonConverter(typeof(WireValueConverter<QueueType>))]
public readonly record struct QueueType(string Value) : IWireValue<QueueType>
{
    /// <summary>The script's default.</summary>
    public static QueueType Dedicated { get; } = new("DEDICATED");

    static QueueType IWireValue<QueueType>.Of(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
