using System.Text;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>The file that PostgreSQL's own messages go to.</summary>
internal sealed class ServerLog(string path)
{
    private const long LargestAtStart = 8 * 1024 * 1024;
    private const int TailLines = 20;

    /// <summary>What every report of a start's progress holds (PostgreSQL's <c>ereport_startup_progress</c>).</summary>
    private const string ElapsedTime = ", elapsed time: ";
    private const string Severity = "LOG: ";

    public long Length => File.Exists(path) ? new FileInfo(path).Length : 0;

    /// <summary>Makes the file where it is missing, and sets one that has grown large aside (one, so that the disk never fills).</summary>
    public async Task PrepareAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        if (Length > LargestAtStart)
            File.Move(path, path + ".1", overwrite: true);
        if (!File.Exists(path))
            StateDirectory.WriteSecret(path, "");
        await account.GiveAsync(path, cancellationToken);
    }

    /// <summary>
    /// How far a start is, in the server's words, as "redo in progress, elapsed time: 10.00 s, current LSN: 0/1D2A8F8"; null where it has
    /// not said so since the log had the given length.
    /// </summary>
    public string? ProgressSince(long position)
    {
        var last = TailSince(position).Split('\n').LastOrDefault(line => line.Contains(ElapsedTime, StringComparison.Ordinal));
        return last is null ? null : last[(last.IndexOf(Severity, StringComparison.Ordinal) + Severity.Length)..].Trim();
    }

    /// <summary>The last lines written after the log had the given length.</summary>
    public string TailSince(long position)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            const int most = 64 * 1024;
            stream.Position = Math.Min(stream.Length, Math.Max(position, stream.Length - most));
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return string.Join(Environment.NewLine, reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(TailLines));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
