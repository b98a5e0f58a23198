using CallbackReceiver.Access;
using CallbackReceiver.Operations.Observing;
using CallbackReceiver.WebConsole;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Operations;

/// <summary>Says at the start where things are and, on a developer's machine, what to do next.</summary>
internal sealed partial class Welcome(
    IServer server, ReloadingSetting<SigningKeys> signingKeys, IOptions<MetricsOptions> metrics, IOptions<ConsoleOptions> console, IConfiguration configuration,
    IHostEnvironment environment, ILogger<Welcome> logger)
    : IHostedLifecycleService
{
    private const string DemoWorkspace = "demo";

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var keys = signingKeys.Current;
        foreach (var key in keys.All.Where(key => !key.HasDocumentedLength))
            LogUnusualKey(logger, key.Id, key.WorkspaceId, SigningKey.DocumentedLength);
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            if (BindingAddress.Parse(address).Port == metrics.Value.Port)
            {
                LogMetrics(logger, address, MetricsEndpoint.Path);
                continue;
            }

            if (IsOfConsole(BindingAddress.Parse(address).Port))
                LogConsole(logger, address, ConsoleSetup.Root);
            if (BindingAddress.Parse(address).Port == console.Value.Port)
                continue;
            LogReceiving(logger, address, keys.WorkspaceIds.Count);
            if (environment.IsDevelopment() && keys.WorkspaceIds.Contains(DemoWorkspace))
                LogDemo(logger, address, DemoWorkspace);
        }

        if (keys.WorkspaceIds.Count == 0)
            LogNoWorkspace(logger);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool IsOfConsole(int port) => ConsoleOptions.AreEnabledBy(configuration, environment) && (console.Value.Port ?? port) == port;

    [LoggerMessage(501, LogLevel.Information, "Receiving at {Address}/callbacks/{{workspace_id}} for {Workspaces} workspaces; the API is described at {Address}/swagger")]
    private static partial void LogReceiving(ILogger logger, string address, int workspaces);

    [LoggerMessage(7201, LogLevel.Information, "Metrics are at {Address}{Path}")]
    private static partial void LogMetrics(ILogger logger, string address, string path);

    [LoggerMessage(506, LogLevel.Information, "The console is at {Address}{Path}")]
    private static partial void LogConsole(ILogger logger, string address, string path);

    [LoggerMessage(502, LogLevel.Information, "To try it: README.md, 'Try it', posts a signed sample to {Address}/callbacks/{Workspace} with the demo keys of appsettings.Development.json, and reads it back")]
    private static partial void LogDemo(ILogger logger, string address, string workspace);

    [LoggerMessage(503, LogLevel.Warning, "No workspace is configured, so every callback will be refused: set Workspaces:{{id}}:Keys:0 to the signing key that Seasalt gave")]
    private static partial void LogNoWorkspace(ILogger logger);

    [LoggerMessage(504, LogLevel.Warning, "Signing key {KeyId} of workspace {WorkspaceId} does not have the documented {Length} characters: is it complete?")]
    private static partial void LogUnusualKey(ILogger logger, string keyId, string workspaceId, int length);
}
