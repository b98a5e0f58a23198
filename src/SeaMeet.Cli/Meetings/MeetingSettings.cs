using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SeaMeet.Cli.Meetings;

/// <summary>The options that describe a meeting, named as in the vendor's script where it has them.</summary>
internal sealed class MeetingSettings
{
    private readonly Option<string> language = new("--meeting-language")
    {
        Description = "The language that is spoken: one of the 21 that SeaMeet knows, as en-US.",
        DefaultValueFactory = _ => MeetingLanguage.MandarinTaiwan.Value,
    };

    private readonly Option<string?> startTime = Setting.Text("--meeting-start-time", "When the recording began, in UTC: 'yyyy-mm-ddThh:mm:ss' or 'yyyy-mm-dd hh:mm:ss' (now).");
    private readonly Option<string> channelType = new("--channel-type") { Description = "The type of the workspace.", DefaultValueFactory = _ => ChannelType.Phone.Value };
    private readonly Option<string?> resourceMetadata = Setting.Text("--resource-metadata", "Data of your own as a JSON object, as '{\"call_id\": \"123\"}'.");

    public void AddTo(Command command)
    {
        language.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && !MeetingLanguage.Parse(token.Value).IsDocumented)
                result.AddError($"'{token.Value}' is no language of SeaMeet's. It knows {string.Join(", ", MeetingLanguage.Documented)}.");
        });
        startTime.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && WireTime.Read(token.Value) is null)
                result.AddError($"'{token.Value}' is no time: --meeting-start-time has the form 2024-05-30T21:53:34.");
        });
        resourceMetadata.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && ParseObject(token.Value) is null)
                result.AddError("--resource-metadata is no JSON object.");
        });
        foreach (var option in (Option[])[language, startTime, channelType, resourceMetadata])
            command.Options.Add(option);
    }

    public NewMeeting Read(ParseResult command, string name) => new()
    {
        Name = name,
        Language = MeetingLanguage.Parse(command.GetValue(language)!),
        StartTime = WireTime.Read(command.GetValue(startTime)) ?? TimeProvider.System.GetUtcNow(),
        ChannelType = new ChannelType(command.GetValue(channelType)!),
        ResourceMetadata = command.GetValue(resourceMetadata) is { } text ? ParseObject(text) : null,
    };

    private static JsonObject? ParseObject(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
