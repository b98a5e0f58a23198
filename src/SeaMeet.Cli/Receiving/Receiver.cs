using System.CommandLine;

namespace SeaMeet.Cli.Receiving;

/// <summary>The options that name the callback receiver.</summary>
internal sealed class Receiver
{
    private readonly Option<string?> address = Setting.Text("--receiver", "The address of the callback receiver, where the analysis is waited for.", "SEAMEET_RECEIVER");
    private readonly Secret apiKey = new("receiver's API key", "--receiver-key-file", "SEAMEET_RECEIVER_API_KEY");

    public void AddTo(Command command)
    {
        command.Options.Add(address);
        command.Options.Add(apiKey.File);
    }

    /// <returns>Null where no receiver is named.</returns>
    public ReceiverClient? Open(ParseResult command, string workspaceId) =>
        command.GetValue(address) is { } text ? new ReceiverClient(Setting.Address(text, address.Name), apiKey.Read(command), workspaceId) : null;
}
