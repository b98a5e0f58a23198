using System.Runtime.Versioning;

namespace CallbackReceiver.Tests.Storage.Embedded;

/// <summary>PostgreSQL's programs, in which a start of the server first does what a shell script says. Making the data folder is as usual.</summary>
[SupportedOSPlatform("linux")]
internal static class WrappedPrograms
{
    public const string Real = "/usr/lib/postgresql/15/bin";

    /// <summary>Waits until a file is there.</summary>
    public static string WaitFor(string gate) => $"while [ ! -e '{gate}' ]; do sleep 0.2; done";

    /// <returns>The folder of the programs.</returns>
    public static string Make(StateFolder folder, string beforeTheServer)
    {
        var directory = Directory.CreateDirectory(folder.Beside("wrapped")).FullName;
        var postgres = Path.Combine(directory, "postgres");
        File.WriteAllText(postgres, $"""
            #!/bin/sh
            case "$1" in -c) {beforeTheServer};; esac
            exec {Real}/postgres "$@"
            """);
        File.SetUnixFileMode(postgres, (UnixFileMode)0b111_101_101);
        foreach (var program in new[] { "pg_ctl", "initdb" })
            File.Copy(Path.Combine(Real, program), Path.Combine(directory, program));
        return directory;
    }
}
