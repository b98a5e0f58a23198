using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>A folder with PostgreSQL's programs, and the major version they say they are.</summary>
internal sealed partial record PostgresInstallation(string BinDirectory, int Major)
{
    public string InitDb => ProgramIn(BinDirectory, "initdb");

    public string PgCtl => ProgramIn(BinDirectory, "pg_ctl");

    /// <summary>The installation in a folder; null where a program is missing or the account cannot run them.</summary>
    public static async Task<PostgresInstallation?> ProbeAsync(string directory, ServerAccount account, CancellationToken cancellationToken)
    {
        if (!Array.TrueForAll(["postgres", "initdb", "pg_ctl"], program => File.Exists(ProgramIn(directory, program))))
            return null;
        try
        {
            var asked = new ChildCommand(ProgramIn(directory, "postgres"), "--version") { UserName = account.UserName, TimeLimit = TimeSpan.FromSeconds(10) };
            var version = VersionLine().Match((await asked.RunAsync(cancellationToken)).Output);
            return version.Success
                ? new PostgresInstallation(directory, int.Parse(version.Groups["major"].ValueSpan, CultureInfo.InvariantCulture))
                : null;
        }
        catch (Exception exception) when (exception is Win32Exception or TimeoutException)
        {
            return null;
        }
    }

    private static string ProgramIn(string directory, string name) =>
        Path.Combine(directory, OperatingSystem.IsWindows() ? name + ".exe" : name);

    /// <summary>As in <c>postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)</c>, <c>18beta1</c>.</summary>
    [GeneratedRegex(@"^postgres \(PostgreSQL\) (?<major>\d{1,4})", RegexOptions.CultureInvariant)]
    private static partial Regex VersionLine();
}
