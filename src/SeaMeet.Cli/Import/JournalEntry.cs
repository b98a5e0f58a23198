using System.Text.Json.Serialization;

namespace SeaMeet.Cli.Import;

/// <summary>A recording, and how far it has come: one line of the journal. The latest line of a recording counts.</summary>
internal sealed record JournalEntry
{
    public required string Api { get; init; }

    public required string WorkspaceId { get; init; }

    /// <summary>The full path. Together with length and time of change it is what a recording is: another content is another recording.</summary>
    public required string File { get; init; }

    public required long Length { get; init; }

    public required DateTime Modified { get; init; }

    public Step Step { get; init; }

    public string? MeetingId { get; init; }

    /// <summary>The name under which it was uploaded.</summary>
    public string? FileName { get; init; }

    public string? JobId { get; init; }

    /// <summary>The delivery that the receiver had of the meeting before this analysis was started.</summary>
    public string? KnownDelivery { get; init; }

    /// <summary>When the line was written.</summary>
    public DateTime At { get; init; }

    [JsonIgnore]
    public (string Api, string WorkspaceId, string File, long Length, DateTime Modified) Key => (Api, WorkspaceId, File, Length, Modified);
}

/// <summary>The journal's JSON, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
