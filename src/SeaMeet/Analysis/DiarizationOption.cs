using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>Whether SeaMeet tells the speakers of one channel apart.</summary>
/// <param name="Value">The word as the API writes it.</param>
[JsonConverter(typeof(WireValueConverter<DiarizationOption>))]
public readonly record struct DiarizationOption(string Value) : IWireValue<DiarizationOption>
{
    /// <summary>It does.</summary>
    public static DiarizationOption ByServer { get; } = new("by_server");

    /// <summary>It does not.</summary>
    public static DiarizationOption Disabled { get; } = new("disabled");

    static DiarizationOption IWireValue<DiarizationOption>.Of(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
