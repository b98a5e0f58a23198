using System.Text.Json.Nodes;

namespace SeaMeet;

/// <summary>How a recording is to be analysed. What is null is not sent, and SeaMeet takes its own default.</summary>
public sealed record AnalysisRequest
{
    /// <summary>The number of channels of the recording: 1 or 2.</summary>
    public required int Channels { get; init; }

    /// <summary>The name under which the recording was uploaded.</summary>
    public string? FileName { get; init; }

    /// <summary>Seconds from the start of the meeting to the start of the recording.</summary>
    public double? AudioStartOffset { get; init; }

    /// <summary>The format, as <c>wav</c>; without it, SeaMeet goes by the name's extension.</summary>
    public string? AudioFormat { get; init; }

    /// <summary>The sample rate in hertz; without it, SeaMeet reads the file's header.</summary>
    public int? AudioSampleRate { get; init; }

    /// <summary>The encoding, as <c>pcm_s16le</c>; without it, SeaMeet reads the file's header.</summary>
    public string? AudioEncoding { get; init; }

    /// <summary>The kind of conversation. A <see cref="CustomerServiceCall"/> sets it by itself.</summary>
    public Scenario? Scenario { get; init; }

    /// <summary>The parameters of the scenario <c>customer_service_call</c>.</summary>
    public CustomerServiceCall? CustomerServiceCall { get; init; }

    /// <summary>The parameters of another scenario, or further ones of <see cref="CustomerServiceCall"/>.</summary>
    public JsonObject? ScenarioParameters { get; init; }

    /// <summary>The speakers' accounts.</summary>
    public IReadOnlyList<string>? SpeakerAccounts { get; init; }

    /// <summary>Whether SeaMeet tells the speakers of one channel apart.</summary>
    public DiarizationOption? DiarizationOptions { get; init; }

    /// <summary>How many speakers there are. Only the script and the examples know it.</summary>
    public int? NumSpeakers { get; init; }

    /// <summary>Whether numbers, times and the like are written as figures (inverse text normalisation). Only the script and the examples know it.</summary>
    public bool? EnableItn { get; init; }

    /// <summary>Whether the transcript has punctuation. Only the script and the examples know it.</summary>
    public bool? EnablePunctuation { get; init; }

    /// <summary>Whether the recording that the meeting has already is taken. Only the script knows it.</summary>
    public bool? UseExistingAudio { get; init; }

    /// <summary>Whether what earlier analyses made of the meeting is deleted first. Only the script knows it.</summary>
    public bool? ResetMeeting { get; init; }

    /// <summary>The queue that the job waits in. Only the script knows it.</summary>
    public QueueType? QueueType { get; init; }
}
