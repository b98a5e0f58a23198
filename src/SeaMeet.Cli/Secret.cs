using System.CommandLine;

namespace SeaMeet.Cli;

/// <summary>Something that no command line may hold, since others can see it there: read from a file or from the environment.</summary>
internal sealed class Secret
{
    private readonly string what;
    private readonly string variable;

    public Secret(string what, string option, string variable)
    {
        this.what = what;
        this.variable = variable;
        File = new Option<FileInfo?>(option) { Description = $"A file with the {what}; without it, the environment variable {variable} is taken.", HelpName = "FILE" };
    }

    public Option<FileInfo?> File { get; }

    /// <exception cref="CommandException">There is none.</exception>
    public string Read(ParseResult command) =>
        TryRead(command) ?? throw new CommandException(ExitCode.Usage, $"The {what} is missing: put it into the environment variable {variable}, or name its file with {File.Name}.");

    public string? TryRead(ParseResult command)
    {
        if (command.GetValue(File) is not { } file)
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value.Trim() : null;
        try
        {
            return System.IO.File.ReadAllText(file.FullName).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.FileMissing, $"The file with the {what} cannot be read: {exception.Message}");
        }
    }
}
