using System.Text.Json.Nodes;

namespace SeaMeet;

/// <summary>A meeting to create.</summary>
public sealed record NewMeeting
{
    /// <summary>The name that people see.</summary>
    public required string Name { get; init; }

    /// <summary>The language that is spoken.</summary>
    public required MeetingLanguage Language { get; init; }

    /// <summary>When the recording began. It is sent in UTC, to the second.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>For now it has to be the type of the workspace.</summary>
    public ChannelType ChannelType { get; init; } = ChannelType.Phone;

    /// <summary>Data of one's own, such as the call's id in one's own system; none where it is null.</summary>
    public JsonObject? ResourceMetadata { get; init; }
}
