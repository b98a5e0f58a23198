using System.CommandLine;

namespace SeaMeet.Cli.Import;

/// <summary>The options that describe an analysis, named as in the vendor's script where it has them. What is not given is not sent.</summary>
internal sealed class AnalysisSettings
{
    private readonly Option<int?> channels = new("--channels") { Description = "1 or 2; without it, what the file says, else 1." };
    private readonly Option<double?> startOffset = new("--audio-start-offset") { Description = "Seconds from the start of the meeting to that of the recording." };
    private readonly Option<string?> format = Setting.Text("--audio-format", "The format, as wav; without it, SeaMeet goes by the extension.");
    private readonly Option<int?> sampleRate = new("--audio-sample-rate") { Description = "In hertz; without it, SeaMeet reads the file's header." };
    private readonly Option<string?> encoding = Setting.Text("--audio-encoding", "As pcm_s16le; without it, SeaMeet reads the file's header.");
    private readonly Option<string?> scenario = Setting.Text("--scenario", "The kind of conversation; customer_service_call where --customer-number is given.");
    private readonly Option<string?> customerNumber = Setting.Text("--customer-number", "The customer's number; the scenario customer_service_call needs it.");
    private readonly Option<string?> customerName = Setting.Text("--customer-name", "The customer's name.");
    private readonly Option<string?> agentName = Setting.Text("--agent-name", "The agent's name.");
    private readonly Option<string?> direction = Setting.Text("--direction", "INBOUND or OUTBOUND.");
    private readonly Option<bool?> wentToVoicemail = Flag("--went-to-voicemail", "Whether the call went to voicemail without being picked up.");
    private readonly Option<bool?> containsRecordings = Flag("--contains-recordings", "Whether the recording holds announcements.");
    private readonly Option<bool?> spokeToAgent = Flag("--spoke-to-agent", "Whether the customer spoke to a person (inbound calls).");
    private readonly Option<bool?> agentRecognition = Flag("--enable-agent-recognition", "Whether SeaMeet finds out who the agent is.");
    private readonly Option<string[]> speakerAccounts = new("--speaker-accounts", "--speaker-account") { Description = "The speakers' accounts.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> diarization = Setting.Text("--diarization-options", "by_server or disabled.");
    private readonly Option<int?> speakers = new("--num-speakers") { Description = "How many speakers there are." };
    private readonly Option<bool?> itn = Flag("--enable-itn", "Whether numbers and times are written as figures.");
    private readonly Option<bool?> punctuation = Flag("--enable-punctuation", "Whether the transcript has punctuation.");
    private readonly Option<bool?> existingAudio = Flag("--use-existing-audio", "Takes the recording that the meeting of --meeting-id has; nothing is uploaded.");
    private readonly Option<bool?> reset = Flag("--reset-meeting", "Deletes what earlier analyses made of the meeting.", "--reset_meeting");
    private readonly Option<string?> queueType = Setting.Text("--queue-type", "The queue that the job waits in, as DEDICATED.", null, "--queue_type");

    private Option<string?>[] CallOptions => [customerName, agentName, direction];

    private Option<bool?>[] CallFlags => [wentToVoicemail, containsRecordings, spokeToAgent, agentRecognition];

    public void AddTo(Command command)
    {
        channels.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("1" or "2") }, ..])
                result.AddError("--channels is 1 or 2.");
        });
        diarization.AcceptOnlyFromAmong(DiarizationOption.ByServer.Value, DiarizationOption.Disabled.Value);
        direction.AcceptOnlyFromAmong(CallDirection.Inbound.Value, CallDirection.Outbound.Value);
        foreach (var option in (Option[])[channels, startOffset, format, sampleRate, encoding, scenario, customerNumber, .. CallOptions, .. CallFlags,
            speakerAccounts, diarization, speakers, itn, punctuation, existingAudio, reset, queueType])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            var isCall = result.GetValue(scenario) == Scenario.CustomerServiceCall.Value
                || CallOptions.Any(option => result.GetResult(option) is not null) || CallFlags.Any(option => result.GetResult(option) is not null);
            if (isCall && string.IsNullOrWhiteSpace(result.GetValue(customerNumber)))
                result.AddError("--customer-number is missing: SeaMeet wants it of every customer_service_call.");
            if (result.GetValue(existingAudio) == true && result.Children.All(child => child is not System.CommandLine.Parsing.OptionResult { Option.Name: "--meeting-id" }))
                result.AddError("--use-existing-audio needs the meeting that has the recording: --meeting-id.");
        });
    }

    public bool UsesExistingAudio(ParseResult command) => command.GetValue(existingAudio) == true;

    public AnalysisRequest Read(ParseResult command, AudioFile file, string fileName) => new()
    {
        Channels = command.GetValue(channels) ?? file.Channels ?? 1,
        FileName = fileName,
        AudioStartOffset = command.GetValue(startOffset),
        AudioFormat = command.GetValue(format),
        AudioSampleRate = command.GetValue(sampleRate),
        AudioEncoding = command.GetValue(encoding),
        Scenario = command.GetValue(scenario) is { } name ? new Scenario(name) : null,
        CustomerServiceCall = command.GetValue(customerNumber) is { } number ? ReadCall(command, number) : null,
        SpeakerAccounts = command.GetValue(speakerAccounts) is { Length: > 0 } accounts ? accounts : null,
        DiarizationOptions = command.GetValue(diarization) is { } option ? new DiarizationOption(option) : null,
        NumSpeakers = command.GetValue(speakers),
        EnableItn = command.GetValue(itn),
        EnablePunctuation = command.GetValue(punctuation),
        UseExistingAudio = command.GetValue(existingAudio),
        ResetMeeting = command.GetValue(reset),
        QueueType = command.GetValue(queueType) is { } queue ? new QueueType(queue) : null,
    };

    private CustomerServiceCall ReadCall(ParseResult command, string number) => new()
    {
        CustomerNumber = number,
        CustomerName = command.GetValue(customerName),
        AgentName = command.GetValue(agentName),
        Direction = command.GetValue(direction) is { } who ? new CallDirection(who) : null,
        WentToVoicemail = command.GetValue(wentToVoicemail),
        ContainsRecordings = command.GetValue(containsRecordings),
        SpokeToAgent = command.GetValue(spokeToAgent),
        EnableAgentRecognition = command.GetValue(agentRecognition),
    };

    private static Option<bool?> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = "true|false", Arity = ArgumentArity.ZeroOrOne, CustomParser = result => result.Tokens.Count == 0 || ParseTruth(result) };

    private static bool ParseTruth(System.CommandLine.Parsing.ArgumentResult result)
    {
        if (bool.TryParse(result.Tokens[0].Value, out var truth))
            return truth;
        result.AddError($"'{result.Tokens[0].Value}' is neither true nor false.");
        return false;
    }
}
