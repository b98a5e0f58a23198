using System.Runtime.InteropServices;

namespace CallbackReceiver.Benchmarks.Reports;

/// <summary>What of the machine the figures depend on.</summary>
internal sealed record MachineFacts(int Cores, string Processor, long MemoryBytes, string OperatingSystem, string DotNet)
{
    private const string ProcessorFile = "/proc/cpuinfo";
    private const double GiB = 1024 * 1024 * 1024;
    private const string ModelName = "model name";

    public static MachineFacts Read() => new(
        Environment.ProcessorCount,
        ReadProcessor(),
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription);

    public override string ToString() => Figures.Line(
        $"{Cores} cores ({Processor}), {MemoryBytes / GiB:N0} GiB, {OperatingSystem}, {DotNet}; load generator and PostgreSQL on the same machine.");

    private static string ReadProcessor()
    {
        var line = File.Exists(ProcessorFile) ? File.ReadLines(ProcessorFile).FirstOrDefault(line => line.StartsWith(ModelName, StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.OSArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
