using System.Text;
using System.Text.Json;

namespace SeaMeet.Cli.Import;

/// <summary>
/// What was done, so that a run that broke goes on without creating a meeting twice: a line before each call that must not be repeated and
/// one after each step. One process at a time has it open.
/// </summary>
internal sealed class Journal : IDisposable
{
    private readonly FileStream file;
    private readonly Lock gate = new();
    private readonly Dictionary<(string, string, string, long, DateTime), JournalEntry> entries = [];

    private Journal(FileStream file) => this.file = file;

    /// <summary>Where it is unless it is named: in the user's state folder.</summary>
    public static string DefaultPath { get; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "seameet", "journal.jsonl");

    public string FilePath => file.Name;

    /// <exception cref="CommandException">Another process has it, or it cannot be written.</exception>
    public static Journal Open(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var journal = new Journal(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            journal.Load();
            return journal;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.FileMissing,
                $"The journal '{path}' cannot be opened; another import may be running with it (--journal names another file). {exception.Message}");
        }
    }

    /// <summary>How far the recording has come.</summary>
    public JournalEntry Find(Uri api, string workspaceId, string path)
    {
        var facts = new FileInfo(path);
        var entry = new JournalEntry { Api = api.AbsoluteUri, WorkspaceId = workspaceId, File = facts.FullName, Length = facts.Length, Modified = facts.LastWriteTimeUtc };
        lock (gate)
            return entries.GetValueOrDefault(entry.Key, entry);
    }

    /// <returns>Null where nothing was noted.</returns>
    public JournalEntry? Find((string, string, string, long, DateTime) key)
    {
        lock (gate)
            return entries.GetValueOrDefault(key);
    }

    /// <summary>Notes a step.</summary>
    /// <param name="entry">What is so from now on.</param>
    /// <param name="durable">Whether the line has to be on the disk before anything else is done.</param>
    public JournalEntry Write(JournalEntry entry, bool durable = false)
    {
        entry = entry with { At = TimeProvider.System.GetUtcNow().UtcDateTime };
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry), (byte)'\n'];
        lock (gate)
        {
            entries[entry.Key] = entry;
            file.Write(line);
            file.Flush(durable);
        }

        return entry;
    }

    public void Dispose() => file.Dispose();

    private void Load()
    {
        using var reader = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
        var endsInLine = true;
        while (reader.ReadLine() is { } line)
        {
            endsInLine = TryAdd(line);
        }

        file.Seek(0, SeekOrigin.End);
        if (!endsInLine)
            file.Write("\n"u8); // the last line was broken off with the process that wrote it
    }

    private bool TryAdd(string line)
    {
        try
        {
            if (line.Length > 0 && JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry) is { } entry)
                entries[entry.Key] = entry;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
