using Spectre.Console;

namespace SeaMeet.Cli;

/// <summary>Where what goes: results to standard output, everything on the way there to standard error.</summary>
internal static class Output
{
    public static IAnsiConsole People { get; } = AnsiConsole.Console;

    public static IAnsiConsole Progress { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>A table of names and values; those without a value are left out.</summary>
    public static void Table(IAnsiConsole console, params (string Name, string? Value)[] rows)
    {
        var table = new Table().HideHeaders().Border(TableBorder.Rounded).AddColumn("").AddColumn("");
        foreach (var (name, value) in rows)
        {
            if (value is { Length: > 0 })
                table.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(Printable(value)));
        }

        console.Write(table);
    }

    /// <summary>Without control characters: what comes from elsewhere shall not steer the terminal.</summary>
    public static string Printable(string text) =>
        text.Any(char.IsControl) ? new string([.. text.Select(letter => char.IsControl(letter) && letter != '\n' ? '\uFFFD' : letter)]) : text;
}
