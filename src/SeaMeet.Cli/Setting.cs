using System.CommandLine;

namespace SeaMeet.Cli;

/// <summary>Kinds of options that several commands have.</summary>
internal static class Setting
{
    private const int MostSeconds = 10_000_000;

    /// <summary>An option that an environment variable can stand in for.</summary>
    public static Option<string?> Text(string name, string description, string? variable = null, params string[] aliases) => new(name, aliases)
    {
        Description = variable is null ? description : $"{description} Also: the environment variable {variable}.",
        DefaultValueFactory = variable is null ? null : _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null,
    };

    /// <summary>A span in seconds.</summary>
    public static Option<double> Seconds(string name, string description, TimeSpan defaultValue)
    {
        var option = new Option<double>(name) { Description = $"{description} In seconds.", HelpName = "SECONDS", DefaultValueFactory = _ => defaultValue.TotalSeconds };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<double>() is not (>= 0 and <= MostSeconds))
                result.AddError($"{name} is a number of seconds from 0 to {MostSeconds}.");
        });
        return option;
    }

    public static TimeSpan GetSpan(this ParseResult command, Option<double> seconds) => TimeSpan.FromSeconds(command.GetValue(seconds));

    public static Option<int> Count(string name, string description, int defaultValue, int least = 1)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int>() < least)
                result.AddError($"{name} is {least} at least.");
        });
        return option;
    }

    public static Uri Address(string text, string name) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new CommandException(ExitCode.Usage, $"{name} has to begin with https:// or http://.");
}
