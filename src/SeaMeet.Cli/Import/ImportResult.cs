using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaMeet.Cli.Import;

/// <summary>What became of a recording: with <c>--json</c>, a line of the output.</summary>
internal sealed record ImportResult
{
    public required string File { get; init; }

    public required string WorkspaceId { get; init; }

    /// <summary><c>arrived</c>, <c>finished</c> (not waited for the analysis), <c>submitted</c> (not waited for the job), or <c>failed</c>.</summary>
    public required string Outcome { get; init; }

    public int ExitCode { get; init; }

    public string? MeetingId { get; init; }

    public string? JobId { get; init; }

    /// <summary>What is wrong, and what to do.</summary>
    public string? Message { get; init; }

    /// <summary>The meeting as the receiver shows it.</summary>
    public JsonElement? Analysis { get; init; }

    [JsonIgnore]
    public bool IsSuccess => ExitCode == Cli.ExitCode.Success;
}

/// <summary>The output's JSON, made at compile time. What is not ASCII stays readable: it goes to a terminal or a file, not into HTML.</summary>
[JsonSerializable(typeof(ImportResult))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    public static ResultJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
