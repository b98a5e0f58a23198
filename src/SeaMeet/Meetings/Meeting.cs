using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>A meeting as SeaMeet has it. All but the id may be missing in an answer.</summary>
public sealed record Meeting
{
    /// <summary>The id, such as <c>seax_139953cfd9e612d6c7827ccebdd7c50c</c> or a UUID.</summary>
    [JsonRequired]
    public required string Id { get; init; }

    /// <summary>The account that created it.</summary>
    public string? OwnerId { get; init; }

    /// <summary>The name that people see.</summary>
    public string? Name { get; init; }

    /// <summary>How many took part.</summary>
    public int? ParticipantsNumber { get; init; }

    /// <summary>Its status.</summary>
    public MeetingStatus? Status { get; init; }

    /// <summary>When the recording began; null as well where the answer holds no readable time.</summary>
    [JsonConverter(typeof(WireTime))]
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>The language that is spoken.</summary>
    public MeetingLanguage? Language { get; init; }

    /// <summary>The length; the document does not say in which unit.</summary>
    public double? Duration { get; init; }

    /// <summary>A word whose meaning the document does not give; its example has <c>WAITING</c>.</summary>
    public string? Flag { get; init; }

    /// <summary>The type.</summary>
    public ChannelType? ChannelType { get; init; }

    /// <summary>What else the answer holds.</summary>
    [JsonExtensionData]
    [JsonInclude]
    public IDictionary<string, JsonElement>? Others { get; internal set; }
}
