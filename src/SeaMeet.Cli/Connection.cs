using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SeaMeet.Cli;

/// <summary>The options that every command needs to speak with SeaMeet.</summary>
internal sealed class Connection
{
    private readonly Option<string?> workspaceId = Setting.Text("--workspace-id", "The workspace.", "SEAMEET_WORKSPACE_ID", "--workspace");
    private readonly Option<string?> urlBase = Setting.Text("--seameet-url-base", $"The address of the API ({SeaMeetOptions.DefaultAddress}).", "SEAMEET_URL_BASE");
    private readonly Secret accessToken = new("access token", "--access-token-file", "SEAMEET_ACCESS_TOKEN");
    private readonly Option<int> retries = Setting.Count("--retries", "How often a call is repeated that failed for the moment and is safe to repeat.", new SeaMeetOptions().Repetitions, least: 0);
    private readonly Option<double> retryDelay = Setting.Seconds("--retry-delay", "The pause before the first repetition; it doubles with each.", new SeaMeetOptions().RepetitionDelay);

    /// <summary>The vendor's script takes the token so; here it is refused with the reason.</summary>
    private readonly Option<string?> accessTokenInTheOpen = new("--access-token") { Hidden = true };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[workspaceId, urlBase, accessToken.File, accessTokenInTheOpen, retries, retryDelay])
            command.Options.Add(option);
        accessTokenInTheOpen.Validators.Add(result => result.AddError(
            "--access-token is not taken, as every user of the machine sees command lines: put the token into SEAMEET_ACCESS_TOKEN, or name its file with --access-token-file."));
    }

    public string WorkspaceId(ParseResult command) =>
        command.GetValue(workspaceId) ?? throw new CommandException(ExitCode.Usage, "The workspace is missing: --workspace-id, or the environment variable SEAMEET_WORKSPACE_ID.");

    public Uri Address(ParseResult command) => command.GetValue(urlBase) is { } text ? Setting.Address(text, urlBase.Name) : SeaMeetOptions.DefaultAddress;

    public ServiceProvider Open(ParseResult command)
    {
        var (address, token) = (Address(command), accessToken.Read(command));
        var services = new ServiceCollection();
        services.AddSeaMeet(options =>
        {
            options.Address = address;
            options.AccessToken = token;
            options.Repetitions = command.GetValue(retries);
            options.RepetitionDelay = command.GetSpan(retryDelay);
        });
        var provider = services.BuildServiceProvider();
        try
        {
            _ = provider.GetRequiredService<SeaMeetClient>();
            return provider;
        }
        catch (OptionsValidationException wrong)
        {
            provider.Dispose();
            throw new CommandException(ExitCode.Usage, wrong.Message);
        }
    }
}
