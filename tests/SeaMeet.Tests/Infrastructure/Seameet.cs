using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SeaMeet.Tests.Infrastructure;

/// <summary>The <c>seameet</c> command, each time in a process of its own.</summary>
internal sealed class Seameet
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>The environment of the command; what is not here is not set.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>A command that speaks with a simulator, and with a receiver where there is one.</summary>
    public static Seameet For(SimulatorProcess simulator, Uri? receiver = null)
    {
        var command = new Seameet
        {
            Environment =
            {
                ["SEAMEET_URL_BASE"] = simulator.ApiAddress,
                ["SEAMEET_ACCESS_TOKEN"] = SimulatorProcess.AccessToken,
                ["SEAMEET_WORKSPACE_ID"] = ReceiverFixture.Workspace,
            },
        };
        if (receiver is not null)
        {
            command.Environment["SEAMEET_RECEIVER"] = receiver.AbsoluteUri;
            command.Environment["SEAMEET_RECEIVER_API_KEY"] = ReceiverFixture.ApiKey;
        }

        return command;
    }

    /// <summary>Imports quickly, with a journal.</summary>
    public Task<CommandResult> ImportAsync(TestFolder folder, params string[] arguments)
    {
        string[] limit = arguments.Contains("--timeout") ? [] : ["--timeout", "60"];
        return RunAsync(["import", "--journal", folder.JournalPath, "--poll-interval", "0.05", "--retry-delay", "0.05", .. limit, .. arguments]);
    }

    public Task<CommandResult> RunAsync(params IEnumerable<string> arguments) => RunAsync(_ => Task.CompletedTask, arguments);

    /// <summary>Runs the command, and something beside it.</summary>
    public async Task<CommandResult> RunAsync(Func<Process, Task> beside, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "SeaMeet.Cli.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(key => key.StartsWith("SEAMEET_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(inherited);
        foreach (var (key, value) in Environment)
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await beside(process);
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        return new CommandResult(process.ExitCode, await output, await errors);
    }
}

/// <summary>What a command left.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The lines of <c>--json</c>.</summary>
    public List<JsonObject> Json => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}
