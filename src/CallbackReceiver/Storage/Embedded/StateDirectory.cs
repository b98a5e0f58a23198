using System.Globalization;
using System.Security.Cryptography;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// The folder that holds everything of the service's own PostgreSQL, locked for as long as this object lives:
/// two servers must never meet on one data folder.
/// </summary>
internal sealed class StateDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int PasswordBytes = 32;
    private const string Unfinished = "data.unfinished";

    // What .NET reports as HResult when another holds the lock: errno on Unix, the Win32 error on Windows.
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly FileStream lockFile;

    private StateDirectory(string path, FileStream held)
    {
        Path = path;
        lockFile = held;
    }

    public string Path { get; }

    public string Data => In("data");

    /// <summary>
    /// A new folder for initdb to work in; renamed to <see cref="Data"/> when it is done, so that a data folder is a whole one. The initdb of a
    /// run that was killed may still be at work in its own.
    /// </summary>
    public string NewUnfinishedData => In($"{Unfinished}.{System.IO.Path.GetRandomFileName()}");

    /// <summary>The folders that initdbs worked in and that were not renamed.</summary>
    public IReadOnlyList<string> UnfinishedData => Directory.GetDirectories(Path, Unfinished + "*");

    public string Log => In("postgres.log");

    /// <summary>Whether a folder, as PostgreSQL or the kernel names it, is <see cref="Data"/>.</summary>
    public bool IsData(string directory) => string.Equals(
        System.IO.Path.GetFullPath(directory),
        System.IO.Path.GetFullPath(Data),
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    public string Binaries => In("binaries");

    /// <summary>The PostgreSQL major version that made the data; null where there is no data yet.</summary>
    public int? DataMajor
    {
        get
        {
            var file = System.IO.Path.Combine(Data, "PG_VERSION");
            return File.Exists(file) ? int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : null;
        }
    }

    /// <exception cref="EmbeddedPostgresException">The folder cannot be made, or another process holds it.</exception>
    public static StateDirectory Open(string? configured)
    {
        var path = System.IO.Path.GetFullPath(string.IsNullOrWhiteSpace(configured) ? StateFolder.Default : configured);
        try
        {
            path = Make(path);
            return new StateDirectory(path, Lock(path));
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new EmbeddedPostgresException(
                $"The folder {path} for the service's own PostgreSQL cannot be used: {exception.Message} " +
                $"Set {EmbeddedPostgresOptions.Section}:Directory to a folder the service may write to, or {EmbeddedPostgresException.UseAnother}.",
                exception);
        }
    }

    /// <summary>The superuser's password: made at the first start, the same ever after.</summary>
    /// <exception cref="EmbeddedPostgresException">There is data, but its password is gone.</exception>
    public string Password()
    {
        var file = In("password");
        var known = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        if (known.Length > 0)
            return known;
        if (DataMajor is not null)
        {
            throw new EmbeddedPostgresException(
                $"{Data} holds data, but {file}, the password to it, is missing. Put it back, or move {Data} away to begin with an empty database.");
        }

        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PasswordBytes));
        WriteSecret(file, password);
        return password;
    }

    /// <summary>Writes a file that only the service's user can read, and that is on the disk when this returns.</summary>
    public static void WriteSecret(string file, string content)
    {
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var stream = new FileStream(file, options);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(content));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Closes the lock file, and with that lets the next process in. The file stays: deleting it could let in two.</summary>
    public void Dispose() => lockFile.Dispose();

    public string In(string name) => System.IO.Path.Combine(Path, name);

    private static string Make(string path)
    {
        if (!Directory.Exists(path))
        {
            // For root, others may pass through (not look around): PostgreSQL's user must reach its data below.
            const UnixFileMode own = OwnerOnly | UnixFileMode.UserExecute;
            const UnixFileMode passable = own | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, ServerAccount.IsRoot ? passable : own);
        }

        return Physical(path);
    }

    /// <summary>The path without symbolic links, as PostgreSQL and the kernel report it: an earlier server is known by it.</summary>
    private static string Physical(string path)
    {
        if (System.IO.Path.GetDirectoryName(path) is not { } parent)
            return path;
        var here = System.IO.Path.Combine(Physical(parent), System.IO.Path.GetFileName(path));
        return Directory.ResolveLinkTarget(here, returnFinalTarget: true) is { } target ? Physical(target.FullName) : here;
    }

    private static FileStream Lock(string path)
    {
        var owner = System.IO.Path.Combine(path, "owner");
        FileStream held;
        try
        {
            // The kernel lets go of it when this process dies, however it dies; children do not inherit it.
            held = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolation)
        {
            throw new EmbeddedPostgresException(
                $"Another process{OwnerOf(owner)} runs the service's own PostgreSQL in {path}. Stop it, " +
                $"set {EmbeddedPostgresOptions.Section}:Directory to another folder, or {EmbeddedPostgresException.UseAnother}.",
                exception);
        }

        File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return held;
    }

    private static string OwnerOf(string file)
    {
        try
        {
            return $" (process id {File.ReadAllText(file)})";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
