using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>
/// The API's JSON, made at compile time. A comma too many and comments are read over: the document's own examples have them. Of a member
/// that stands twice, as in the example of a job, the last counts, as in every other parser.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(CreateMeetingBody))]
[JsonSerializable(typeof(UploadUrlBody))]
[JsonSerializable(typeof(AnalyzeAudioBody))]
[JsonSerializable(typeof(CustomerServiceCall))]
[JsonSerializable(typeof(Meeting))]
[JsonSerializable(typeof(UploadUrl))]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class WireJson : JsonSerializerContext;

/// <summary>The body of "create meeting"; document and script agree on it.</summary>
internal sealed record CreateMeetingBody(string MeetingName, ChannelType ChannelType, MeetingLanguage Language, string StartTime, JsonObject? ResourceMetadata)
{
    public static CreateMeetingBody Of(NewMeeting meeting) =>
        new(meeting.Name, meeting.ChannelType, meeting.Language, WireTime.Write(meeting.StartTime), meeting.ResourceMetadata);
}

/// <summary>The body of "generate audio upload URL" by the document; the script sends <c>file_name</c> in the query, which is sent as well.</summary>
internal sealed record UploadUrlBody(string Name);

/// <summary>The body of "run analysis".</summary>
internal sealed record AnalyzeAudioBody
{
    /// <summary>In the script's body only.</summary>
    public required string MeetingId { get; init; }

    /// <summary>The document's name of it.</summary>
    public required int Channels { get; init; }

    /// <summary>The script's name of it.</summary>
    public required int Channel { get; init; }

    public string? FileName { get; init; }

    public double? AudioStartOffset { get; init; }

    public string? AudioFormat { get; init; }

    public int? AudioSampleRate { get; init; }

    public string? AudioEncoding { get; init; }

    public Scenario? Scenario { get; init; }

    public JsonObject? ScenarioParameters { get; init; }

    /// <summary>A list, as the script sends it and the document's example shows it; the document's table calls it a string.</summary>
    public IReadOnlyList<string>? SpeakerAccounts { get; init; }

    public DiarizationOption? DiarizationOptions { get; init; }

    public int? NumSpeakers { get; init; }

    public bool? EnableItn { get; init; }

    public bool? EnablePunctuation { get; init; }

    public bool? UseExistingAudio { get; init; }

    public bool? ResetMeeting { get; init; }

    public QueueType? QueueType { get; init; }

    public static AnalyzeAudioBody Of(string meetingId, AnalysisRequest request) => new()
    {
        MeetingId = meetingId,
        Channels = request.Channels,
        Channel = request.Channels,
        FileName = request.FileName,
        AudioStartOffset = request.AudioStartOffset,
        AudioFormat = request.AudioFormat,
        AudioSampleRate = request.AudioSampleRate,
        AudioEncoding = request.AudioEncoding,
        Scenario = request.Scenario ?? (request.CustomerServiceCall is null ? null : SeaMeet.Scenario.CustomerServiceCall),
        ScenarioParameters = ParametersOf(request),
        SpeakerAccounts = request.SpeakerAccounts,
        DiarizationOptions = request.DiarizationOptions,
        NumSpeakers = request.NumSpeakers,
        EnableItn = request.EnableItn,
        EnablePunctuation = request.EnablePunctuation,
        UseExistingAudio = request.UseExistingAudio,
        ResetMeeting = request.ResetMeeting,
        QueueType = request.QueueType,
    };

    private static JsonObject? ParametersOf(AnalysisRequest request)
    {
        if (request.CustomerServiceCall is null)
            return request.ScenarioParameters;
        var parameters = JsonSerializer.SerializeToNode(request.CustomerServiceCall, WireJson.Default.CustomerServiceCall)!.AsObject();
        foreach (var (name, value) in request.ScenarioParameters ?? [])
            parameters[name] = value?.DeepClone();
        return parameters;
    }
}
