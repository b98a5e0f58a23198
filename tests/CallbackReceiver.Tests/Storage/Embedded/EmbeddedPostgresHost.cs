using System.Diagnostics;
using CallbackReceiver.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallbackReceiver.Tests.Storage.Embedded;

/// <summary>
/// A service's process that a test can kill: this test program again, running <see cref="Hold"/> alone. What
/// SIGKILL leaves behind cannot be played inside the test's own process.
/// </summary>
public sealed class EmbeddedPostgresHost
{
    private const string FolderVariable = "EMBEDDED_POSTGRES_HOST_FOLDER";

    [Fact(Explicit = true)]
    public async Task Hold()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, "runs in a process of its own");
        await using var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { Directory = folder }, NullLogger.Instance, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder + ".writing", postgres.ConnectionString, TestContext.Current.CancellationToken);
        File.Move(folder + ".writing", folder + ".ready");
        await Task.Delay(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);
    }

    /// <summary>Starts such a process and returns when its PostgreSQL is up.</summary>
    internal static async Task<(Process Process, string ConnectionString)> StartAsync(string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-explicit", "only", "-method", $"{typeof(EmbeddedPostgresHost).FullName}.{nameof(Hold)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Insert(0, typeof(EmbeddedPostgresHost).Assembly.Location);
        start.Environment[FolderVariable] = folder;
        var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        while (!File.Exists(folder + ".ready"))
        {
            if (process.HasExited)
                Assert.Fail("The host ended: " + await output);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        return (process, await File.ReadAllTextAsync(folder + ".ready"));
    }
}
