using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>What kind of conversation a recording holds.</summary>
/// <param name="Value">The word as the API writes it.</param>
[JsonConverter(typeof(WireValueConverter<Scenario>))]
public readonly record struct Scenario(string Value) : IWireValue<Scenario>
{
    /// <summary>A call between a customer and an agent; see <see cref="SeaMeet.CustomerServiceCall"/>.</summary>
    public static Scenario CustomerServiceCall { get; } = new("customer_service_call");

    static Scenario IWireValue<Scenario>.Of(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
