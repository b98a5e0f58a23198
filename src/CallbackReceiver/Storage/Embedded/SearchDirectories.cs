using System.Globalization;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>Where the operating systems' packages put PostgreSQL's programs, most of them outside PATH.</summary>
internal static partial class SearchDirectories
{
    public static IEnumerable<string> OfThisMachine()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(Path.IsPathFullyQualified)
            .Concat(OperatingSystem.IsWindows() ? OnWindows() : OnUnix());
    }

    private static IEnumerable<string> OnWindows() =>
        NewestFirst(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*");

    private static IEnumerable<string> OnUnix() =>
        NewestFirst("/usr/lib/postgresql", "*") // Debian, Ubuntu
            .Concat(NewestFirst("/usr", "pgsql-*")) // PostgreSQL's own packages for Red Hat
            .Concat(NewestFirst("/usr/libexec", "postgresql*")) // Alpine
            .Concat(NewestFirst("/opt/homebrew/opt", "postgresql*"))
            .Concat(NewestFirst("/usr/local/opt", "postgresql*"))
            .Concat(NewestFirst("/home/linuxbrew/.linuxbrew/opt", "postgresql*"));

    private static IEnumerable<string> NewestFirst(string parent, string pattern)
    {
        if (!Directory.Exists(parent))
            return [];
        return Directory.EnumerateDirectories(parent, pattern)
            .OrderByDescending(VersionIn)
            .Select(folder => Directory.Exists(Path.Combine(folder, "bin")) ? Path.Combine(folder, "bin") : folder);
    }

    private static int VersionIn(string folder) =>
        Digits().Match(Path.GetFileName(folder)) is { Success: true } digits ? int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\d{1,6}", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
