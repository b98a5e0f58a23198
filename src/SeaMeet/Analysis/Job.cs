using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>The job that analyses a recording. Its result comes to the callback URL, never with the job.</summary>
public sealed record Job
{
    /// <summary>The id.</summary>
    [JsonRequired]
    public required string Id { get; init; }

    /// <summary><c>MEETING_ANALYSIS</c>, always, as the document has it.</summary>
    public string? Type { get; init; }

    /// <summary>Where it is.</summary>
    [JsonRequired]
    public required JobStatus Status { get; init; }

    /// <summary>Why it failed; null where it did not.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>What it belongs to.</summary>
    public JobRelations? Relations { get; init; }

    /// <summary>What it was started with.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>Documented to stay null.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>What else the answer holds.</summary>
    [JsonExtensionData]
    [JsonInclude]
    public IDictionary<string, JsonElement>? Others { get; internal set; }
}

/// <summary>What a <see cref="Job"/> belongs to.</summary>
public sealed record JobRelations
{
    /// <summary>The workspace.</summary>
    public string? WorkspaceId { get; init; }

    /// <summary>The meeting.</summary>
    public string? MeetingId { get; init; }
}
