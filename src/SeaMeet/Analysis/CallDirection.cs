using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>Who called whom.</summary>
/// <param name="Value">The word as the API writes it.</param>
[JsonConverter(typeof(WireValueConverter<CallDirection>))]
public readonly record struct CallDirection(string Value) : IWireValue<CallDirection>
{
    /// <summary>The customer called.</summary>
    public static CallDirection Inbound { get; } = new("INBOUND");

    /// <summary>The agent called.</summary>
    public static CallDirection Outbound { get; } = new("OUTBOUND");

    static CallDirection IWireValue<CallDirection>.Of(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
