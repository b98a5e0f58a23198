using System.Text;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace CallbackReceiver.Access;

/// <summary>
/// The ids under <c>Workspaces</c> as they are spelled where they are configured. The configuration itself takes keys that differ in upper
/// and lower case only for one, and shows the first spelling: the keys of <c>gamma</c> and <c>GAMMA</c> would overwrite each other, unseen.
/// </summary>
internal static class ConfiguredWorkspaces
{
    public const string Section = "Workspaces";

    private const int MaxLength = 200;
    private const string Level = ":";
    private const string LevelInNames = "__";

    /// <summary>What the host takes away from the names of environment variables, and nothing.</summary>
    private static readonly string[] Prefixes = ["", "ASPNETCORE_", "DOTNET_"];

    /// <summary>What is wrong with the ids, a sentence each.</summary>
    public static IEnumerable<string> Errors(IConfiguration configuration)
    {
        var ids = configuration.GetSection(Section).GetChildren().Select(workspace => workspace.Key).Concat(SpellingsIn(configuration)).Distinct(StringComparer.Ordinal).ToList();
        foreach (var spellings in ids.GroupBy(id => id, StringComparer.OrdinalIgnoreCase).Where(spellings => spellings.Count() > 1))
        {
            var keys = string.Join(" and ", spellings.Order(StringComparer.Ordinal).Select(id => $"{Section}:{id}"));
            yield return $"{keys}: the configuration takes ids that differ in upper and lower case only for one; spell the workspace in one way everywhere.";
        }

        foreach (var id in ids)
        {
            if (WrongWith(id) is { } wrong)
                yield return $"{Section}:{id}: {wrong}.";
        }
    }

    /// <summary>
    /// A request names a workspace by one segment of its URL's path. What no segment can hold, whichever way it is encoded, would be the id of
    /// a workspace that nobody can send to or ask for.
    /// </summary>
    /// <returns>Null where the id can be used.</returns>
    private static string? WrongWith(string id) => id switch
    {
        "" => "a workspace id has at least one character",
        { Length: > MaxLength } => $"a workspace id has at most {MaxLength} characters",
        "." or ".." => "a URL's path cannot have this as a segment; give another workspace id",
        _ when id.Contains('/', StringComparison.Ordinal) => "a workspace id has no '/', which ends a segment of a URL's path",
        _ when id.Contains("%2F", StringComparison.OrdinalIgnoreCase) => "a workspace id has no '%2F', which is read as an encoded '/'",
        _ when id.EnumerateRunes().Any(character => Rune.IsControl(character) || character == Rune.ReplacementChar) =>
            "a workspace id has no control character, and none that is no Unicode text",
        _ => null,
    };

    private static IEnumerable<string> SpellingsIn(IConfiguration configuration) => configuration switch
    {
        IConfigurationRoot root => root.Providers.SelectMany(SpellingsIn),
        _ => [],
    };

    private static IEnumerable<string> SpellingsIn(IConfigurationProvider provider) => provider switch
    {
        ChainedConfigurationProvider chained => SpellingsIn(chained.Configuration),

        // These keep one of two spellings as well: what they were made of is asked instead.
        EnvironmentVariablesConfigurationProvider => Environment.GetEnvironmentVariables().Keys.Cast<string>().SelectMany(SpellingsInVariable),
        CommandLineConfigurationProvider => provider.GetChildKeys([], Section).Concat(Environment.GetCommandLineArgs().SelectMany(SpellingsInArgument)),
        _ => provider.GetChildKeys([], Section),
    };

    private static IEnumerable<string> SpellingsInVariable(string name) => Prefixes
        .Where(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        .SelectMany(prefix => IdIn(name[prefix.Length..].Replace(LevelInNames, Level, StringComparison.Ordinal)));

    private static IEnumerable<string> SpellingsInArgument(string argument) => IdIn(argument.TrimStart('-', '/').Split('=')[0]);

    /// <summary>The id in a key such as <c>Workspaces:demo:Keys:0</c>; none in another key.</summary>
    private static IEnumerable<string> IdIn(string key) =>
        key.StartsWith(Section + Level, StringComparison.OrdinalIgnoreCase) ? [key[(Section.Length + 1)..].Split(Level)[0]] : [];
}
