using System.CommandLine;
using SeaMeet.Cli.Import;

namespace SeaMeet.Cli;

/// <summary>Runs a command, and makes a message and an exit code of what goes wrong.</summary>
internal static class CommandLine
{
    /// <summary>After Ctrl+C: longer than what a call that must not be broken off is given (<see cref="Grace"/>).</summary>
    private static readonly TimeSpan TerminationTimeout = Grace.Length + TimeSpan.FromSeconds(5);

    public static async Task<int> InvokeAsync(Command root, string[] args)
    {
        var command = root.Parse(args);
        try
        {
            var exitCode = await command.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TerminationTimeout });
            return command.Errors.Count > 0 ? ExitCode.Usage : exitCode;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Broken off.");
            return ExitCode.BrokenOff;
        }
        catch (Exception exception) when (ExitCode.Of(exception) is { } exitCode)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return exitCode;
        }
    }
}
