using System.Diagnostics;
using CallbackReceiver.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CallbackReceiver.Tests.Storage.Embedded;

/// <summary>A state folder of one test's own, which every user can reach; gone with the test, and all that runs in it.</summary>
public sealed class StateFolder : IDisposable
{
    private readonly string root = Directory.CreateDirectory(System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"callback-receiver-{Guid.NewGuid():N}")).FullName;

    public StateFolder(string name = "state") => Path = System.IO.Path.Combine(root, name);

    public string Path { get; }

    public string Data => In("data");

    public string Beside(string name) => System.IO.Path.Combine(root, name);

    public string In(string name) => System.IO.Path.Combine(Path, name);

    internal EmbeddedPostgresOptions Options => new() { Directory = Path };

    internal Task<EmbeddedPostgres> StartAsync(Action<EmbeddedPostgresOptions>? configure = null)
    {
        var options = Options;
        configure?.Invoke(options);
        return EmbeddedPostgres.StartAsync(options, NullLogger.Instance, TestContext.Current.CancellationToken);
    }

    /// <summary>The processes that have anything to do with the folder: by folder, arguments or environment.</summary>
    public IReadOnlyList<string> Processes()
    {
        var found = new List<string>();
        foreach (var id in Ids())
        {
            try
            {
                var process = $"/proc/{id}";
                var command = File.ReadAllText($"{process}/cmdline").Replace('\0', ' ');
                if (command.Length == 0 || id == Environment.ProcessId)
                    continue;
                if (command.Contains(root, StringComparison.Ordinal)
                    || File.ReadAllText($"{process}/environ").Contains(root, StringComparison.Ordinal)
                    || File.ResolveLinkTarget($"{process}/cwd", false)?.FullName.StartsWith(root, StringComparison.Ordinal) == true)
                {
                    found.Add($"{id}: {command}");
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked, or is another user's.
            }
        }

        return found;
    }

    /// <summary>Returns once no such process runs: the children of a killed server end when they notice, a moment later.</summary>
    public async Task NothingRunsAsync()
    {
        for (var tries = 0; tries < 50 && Processes().Count > 0; tries++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Empty(Processes());
    }

    /// <summary>The server's process id, as its own file in the data folder tells.</summary>
    public int PostmasterId() => int.Parse(File.ReadLines(In("data/postmaster.pid")).First());

    public void Dispose()
    {
        foreach (var leftover in Processes())
            Signals.Kill(int.Parse(leftover.Split(':')[0]));
        Directory.Delete(root, recursive: true);
    }

    private static IEnumerable<int> Ids() =>
        Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(System.IO.Path.GetFileName(path), out var id) ? id : 0).Where(id => id > 0);
}

internal static class Signals
{
    public static async Task SendAsync(string signal, int processId)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{processId}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public static void Kill(int processId)
    {
        try
        {
            Process.GetProcessById(processId).Kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // Gone already.
        }
    }
}

internal static class Sql
{
    public static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
