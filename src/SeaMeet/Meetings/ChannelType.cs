using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>The type of a meeting; for now it has to be the type of its workspace.</summary>
/// <param name="Value">The word as the API writes it.</param>
[JsonConverter(typeof(WireValueConverter<ChannelType>))]
public readonly record struct ChannelType(string Value) : IWireValue<ChannelType>
{
    /// <summary>Telephone calls: the only type that the document names.</summary>
    public static ChannelType Phone { get; } = new("PHONE");

    static ChannelType IWireValue<ChannelType>.Of(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
