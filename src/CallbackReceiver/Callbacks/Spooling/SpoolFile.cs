using System.Globalization;
using Microsoft.Data.Sqlite;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>
/// The SQLite file of the spool, open and locked for this process alone. Every commit is synchronised before it returns, deleted rows are
/// overwritten, and only the service's user can read the file. Not safe for use by several threads at once.
/// </summary>
internal sealed class SpoolFile : IDisposable
{
    private const string Name = "spool.db";
    private const string LogSuffix = "-wal";

    // The numbers of SQLite's result codes: https://www.sqlite.org/rescode.html
    private const int Busy = 5;

    // A target is a database that deliveries were received for. `attempts` counts failures that were the delivery's own; `due_at` is in
    // milliseconds of the process's monotonic clock, and is 0 after a start, so that everything is tried at once then. The body is the last
    // column, since SQLite reads a row's pages up to the last column that is asked for.
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS targets (target INTEGER PRIMARY KEY, connection TEXT NOT NULL, database_id TEXT);
        CREATE TABLE IF NOT EXISTS deliveries (
            delivery_id TEXT PRIMARY KEY,
            target INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            failure TEXT,
            received_at INTEGER NOT NULL,
            workspace_id TEXT NOT NULL,
            meeting_id TEXT,
            key_id TEXT NOT NULL,
            body_sha256 BLOB NOT NULL,
            bytes INTEGER NOT NULL,
            body BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS other_meetings (meeting_id TEXT, delivery_id TEXT, PRIMARY KEY (meeting_id, delivery_id)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS by_delivery ON other_meetings (delivery_id);
        CREATE INDEX IF NOT EXISTS by_order ON deliveries (target, attempts, received_at, delivery_id);
        CREATE INDEX IF NOT EXISTS by_time ON deliveries (received_at);
        CREATE INDEX IF NOT EXISTS by_meeting ON deliveries (workspace_id, meeting_id);
        CREATE INDEX IF NOT EXISTS held ON deliveries (target, due_at) WHERE attempts > 0;
        UPDATE deliveries SET due_at = 0 WHERE attempts > 0 AND due_at > 0;
        """;

    // The file can only be given to one connection, which is why there is one, and stays open: closing it would write everything twice.
    private const string Settings = """
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA auto_vacuum = INCREMENTAL;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON;
        """;

    private SpoolFile(string path, SqliteConnection connection)
    {
        Path = path;
        Connection = connection;
    }

    public string Path { get; }

    public SqliteConnection Connection { get; }

    /// <summary>Whether the file is still where it was opened: one that somebody has deleted takes rows that nobody will find again.</summary>
    public bool IsInPlace => File.Exists(Path);

    /// <summary>Opens the file in the folder; makes both where they are not there.</summary>
    /// <exception cref="SpoolException">The file cannot be opened; the message says why. <see cref="SpoolException.IsDamage"/> tells whether it is damaged.</exception>
    public static SpoolFile Open(string directory)
    {
        var path = System.IO.Path.Combine(directory, Name);
        try
        {
            MakeDirectory(directory);
            MakeFile(path);
            var file = Connect(path, SqliteOpenMode.ReadWrite);
            file.Run(Settings);
            file.Run(Schema);
            return file;
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode == Busy)
        {
            throw new SpoolException($"another process uses {path}; give each replica a Spool:Directory of its own", failure);
        }
        catch (Exception failure) when (SpoolException.IsOfTheFile(failure))
        {
            throw new SpoolException($"{path} cannot be used by {ProcessUser.Name}: {failure.Message}", failure);
        }
    }

    /// <summary>Opens a file that was moved aside, to read what can be read of it.</summary>
    public static SpoolFile OpenAside(string path) => Connect(path, SqliteOpenMode.ReadWrite);

    /// <summary>How many files were moved aside.</summary>
    public static int CountMovedAside(string directory) => Directory.EnumerateFiles(directory, Name + ".damaged-*").Count(file => !file.EndsWith(LogSuffix, StringComparison.Ordinal));

    /// <summary>Moves a damaged file and its log out of the way, for a person to look at.</summary>
    /// <returns>Where the file is now.</returns>
    public static string MoveAside(string directory)
    {
        var path = System.IO.Path.Combine(directory, Name);
        var aside = $"{path}.damaged-{DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture)}";
        if (File.Exists(path + LogSuffix))
            File.Move(path + LogSuffix, aside + LogSuffix);
        File.Move(path, aside);
        return aside;
    }

    /// <summary>Deletes the file and its log, which needs no room on the disk.</summary>
    public void Delete()
    {
        Dispose();
        File.Delete(Path);
        File.Delete(Path + LogSuffix);
    }

    /// <summary>Looks whether the file is whole.</summary>
    /// <exception cref="SqliteException">It is damaged.</exception>
    public void Check()
    {
        if (Scalar<string>("PRAGMA quick_check(1)") is not "ok")
            throw new SqliteException("the file is damaged", SpoolException.Corrupt);
    }

    /// <summary>Makes the log empty, so that nothing of what was deleted is left in it.</summary>
    public void EmptyLog() => Run("PRAGMA wal_checkpoint(TRUNCATE)");

    /// <summary>Gives the space of deleted rows back to the disk.</summary>
    public void Shrink()
    {
        Run("PRAGMA incremental_vacuum");
        EmptyLog();
    }

    public void Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(sql, parameters);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            // Some pragmas do their work as their rows are read.
        }
    }

    public T? Scalar<T>(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteScalar() is T value ? value : default;
    }

    public SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    public void Dispose() => Connection.Dispose();

    private static SpoolFile Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 1 }.ConnectionString);
        try
        {
            connection.Open();
            return new SpoolFile(path, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The file and its log are the service's own: SQLite gives the log the rights of the file.</summary>
    private static void MakeFile(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path))
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (File.Exists(path))
            return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(path, options).Dispose();
        DurableDirectory.Sync(System.IO.Path.GetDirectoryName(path)!);
    }

    /// <summary>A folder that is new is the service's own, and as durable as what will be in it.</summary>
    private static void MakeDirectory(string directory)
    {
        if (Directory.Exists(directory))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (System.IO.Path.GetDirectoryName(directory) is { } parent)
            DurableDirectory.Sync(parent);
    }
}
