using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>The status of a meeting. The document shows one, and lists none.</summary>
/// <param name="Value">The word as the API writes it.</param>
[JsonConverter(typeof(WireValueConverter<MeetingStatus>))]
public readonly record struct MeetingStatus(string Value) : IWireValue<MeetingStatus>
{
    /// <summary>As it is created.</summary>
    public static MeetingStatus Initial { get; } = new("INITIAL");

    static MeetingStatus IWireValue<MeetingStatus>.Of(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
