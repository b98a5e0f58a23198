using System.Text.RegularExpressions;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Deployment;

/// <summary>The keys of README's configuration table, those of parts in braces included.</summary>
internal sealed partial class ConfigurationTable
{
    private const string Heading = "## Configure it";

    private readonly List<Regex> keys;

    private ConfigurationTable(List<Regex> keys) => this.keys = keys;

    public static ConfigurationTable Read()
    {
        var readme = CheckedIn.Read("README.md");
        var section = readme[readme.IndexOf(Heading, StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", StringComparison.Ordinal)];
        var keys = new List<Regex>();
        foreach (var cell in FirstCell().Matches(section).Select(match => match.Groups[1].Value))
        {
            var names = Key().Matches(cell).Select(match => match.Groups[1].Value).ToList();
            keys.AddRange(names.Select(name => Pattern(name.StartsWith(':') ? names[0].Split(':')[0] + name : name)));
        }

        return new ConfigurationTable(keys);
    }

    /// <param name="setting">As an environment variable or a file bears it.</param>
    public bool Knows(string setting) => keys.Exists(key => key.IsMatch(setting.Replace("__", ":", StringComparison.Ordinal)));

    /// <summary>A part in braces is anything; a last part of dots is whatever is below.</summary>
    private static Regex Pattern(string key) =>
        new($"^{Braces().Replace(Regex.Escape(key), "[^:]+").Replace("…", ".+", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant);

    [GeneratedRegex(@"^\| (`[^|]+`[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex FirstCell();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Key();

    [GeneratedRegex(@"\\\{\w+\}")]
    private static partial Regex Braces();
}
