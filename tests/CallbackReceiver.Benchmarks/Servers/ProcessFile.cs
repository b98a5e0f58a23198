using System.Globalization;

namespace CallbackReceiver.Benchmarks.Servers;

/// <summary>What Linux says of a process (proc(5)).</summary>
internal static class ProcessFile
{
    private const int TicksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on
    private const long KiB = 1024;

    /// <summary>The most memory that the process has had resident, in bytes (VmHWM); null where Linux does not say.</summary>
    public static long? PeakMemory(int processId) => ReadStatus(processId, "VmHWM:");

    /// <summary>The memory that the process has resident, in bytes (VmRSS); null where Linux does not say.</summary>
    public static long? Memory(int processId) => ReadStatus(processId, "VmRSS:");

    /// <summary>Processor time of a process, without its children's; null where it is not there.</summary>
    public static TimeSpan? ProcessorTime(int processId) => Read(processId) is { } stat ? stat.Own : null;

    /// <summary>Processor time of a process and all its children, those that have ended included.</summary>
    public static TimeSpan? FamilyProcessorTime(int processId) => Read(processId) is { } parent
        ? Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Select(name => Read(int.Parse(name!, CultureInfo.InvariantCulture)))
            .Where(stat => stat?.ParentId == processId)
            .Aggregate(parent.Own + parent.Ended, (sum, child) => sum + child!.Own)
        : null;

    /// <summary>The parent of a process whose command has that name; null where this machine has no such process.</summary>
    public static int? ParentOf(int processId, string command) => Read(processId) is { } stat && stat.Command == command ? stat.ParentId : null;

    private static long? ReadStatus(int processId, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is null ? null : KiB * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Stat? Read(int processId)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{processId}/stat");
            var (open, close) = (text.IndexOf('(', StringComparison.Ordinal), text.LastIndexOf(')')); // the command may hold both itself
            var fields = text[(close + 2)..].Split(' ');
            return new Stat(text[(open + 1)..close], int.Parse(fields[1], CultureInfo.InvariantCulture), Ticks(fields[11], fields[12]), Ticks(fields[13], fields[14]));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static TimeSpan Ticks(string user, string system) =>
        TimeSpan.FromSeconds((long.Parse(user, CultureInfo.InvariantCulture) + long.Parse(system, CultureInfo.InvariantCulture)) / (double)TicksPerSecond);

    private sealed record Stat(string Command, int ParentId, TimeSpan Own, TimeSpan Ended);
}
