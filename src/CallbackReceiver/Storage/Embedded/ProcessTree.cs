using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>What a process and its descendants have used so far.</summary>
/// <param name="Processor">Processor time.</param>
/// <param name="DiskBytes">Read from and written to disks, as far as the system tells.</param>
internal readonly record struct ProcessUsage(TimeSpan Processor, long DiskBytes);

/// <summary>Measures a process with its descendants.</summary>
internal static class ProcessTree
{
    /// <summary>Linux counts processor time in these, whatever the processor.</summary>
    private const int TicksPerSecond = 100;

    /// <param name="root">The id of the process whose descendants are measured.</param>
    /// <param name="withRoot">Whether the process itself counts.</param>
    public static ProcessUsage Measure(int root, bool withRoot) => OperatingSystem.IsLinux() ? MeasureOnLinux(root, withRoot) : MeasureServers();

    private static ProcessUsage MeasureOnLinux(int root, bool withRoot)
    {
        var processes = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Stat.Read(id) : null)
            .OfType<Stat>().ToList();
        var children = processes.ToLookup(process => process.Parent);
        var (ticks, bytes) = (0L, 0L);
        var waiting = new Stack<Stat>(withRoot ? processes.Where(process => process.Id == root) : children[root]);
        while (waiting.TryPop(out var process))
        {
            ticks += process.Ticks;
            bytes += DiskBytes(process.Id);
            foreach (var child in children[process.Id])
                waiting.Push(child);
        }

        return new ProcessUsage(TimeSpan.FromSeconds((double)ticks / TicksPerSecond), bytes);
    }

    /// <summary>Where the system does not tell a process's children: all PostgreSQL there is. Another server that is busy makes the wait longer.</summary>
    private static ProcessUsage MeasureServers()
    {
        var total = TimeSpan.Zero;
        foreach (var process in Process.GetProcessesByName("postgres"))
        {
            using (process)
            {
                try
                {
                    total += process.TotalProcessorTime;
                }
                catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or NotSupportedException)
                {
                    // It has ended, or is another user's.
                }
            }
        }

        return new ProcessUsage(total, 0);
    }

    /// <summary>Zero where the process is another user's, who does not let us see it.</summary>
    private static long DiskBytes(int id)
    {
        try
        {
            return File.ReadLines($"/proc/{id}/io")
                .Where(line => line.StartsWith("read_bytes:", StringComparison.Ordinal) || line.StartsWith("write_bytes:", StringComparison.Ordinal))
                .Sum(line => long.Parse(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>A line of <c>/proc/{id}/stat</c>.</summary>
    private sealed record Stat(int Id, int Parent, long Ticks)
    {
        private const int ParentField = 1;
        private const int FirstTimeField = 11; // user and system time, then those of children that have ended
        private const int TimeFields = 4;

        public static Stat? Read(int id)
        {
            try
            {
                // "pid (name) state parent …", and the name may hold anything, brackets included.
                var stat = File.ReadAllText($"/proc/{id}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                var times = fields.Skip(FirstTimeField).Take(TimeFields).Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
                return new Stat(id, int.Parse(fields[ParentField], CultureInfo.InvariantCulture), times);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null; // it has ended
            }
        }
    }
}
