using System.ComponentModel;
using System.Diagnostics;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>A process, known by its id and its start: the id alone may have passed to another.</summary>
internal sealed record LiveProcess(int Id, string Name, DateTime StartedAt)
{
    public bool IsAlive => Find(Id) is { } now && now.StartedAt == StartedAt;

    public bool IsPostgres => Name.StartsWith("postgres", StringComparison.Ordinal);

    /// <summary>Its current folder, for a PostgreSQL server its data folder; null where the system does not tell.</summary>
    public string? CurrentDirectory
    {
        get
        {
            try
            {
                return OperatingSystem.IsLinux() ? File.ResolveLinkTarget($"/proc/{Id}/cwd", returnFinalTarget: false)?.FullName : null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>The process of an id; null where there is none, or only its remains that its parent has not collected.</summary>
    public static LiveProcess? Find(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return IsZombie(id) ? null : new LiveProcess(id, process.ProcessName, process.StartTime);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Ends it at once, with its children. Does nothing where it is gone already.</summary>
    public void Kill()
    {
        if (!IsAlive)
            return;
        try
        {
            using var process = Process.GetProcessById(Id);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or AggregateException)
        {
            // It ended between the two calls.
        }
    }

    /// <summary>
    /// Whether an id is that of a process that has ended but that its parent has not collected, as happens for long
    /// in a container whose first process is no init.
    /// </summary>
    public static bool IsZombie(int id)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            // "pid (name) state …", and the name may hold anything, brackets included.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart()[0] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
