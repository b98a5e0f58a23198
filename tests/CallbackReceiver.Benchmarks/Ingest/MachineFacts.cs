using System.Runtime.InteropServices;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>What of the machine the figures depend on.</summary>
internal sealed record MachineFacts(int Cores, string Processor, long MemoryBytes, string OperatingSystem, string DotNet)
{
    private const string ProcessorFile = "/proc/cpuinfo";
    private const string ModelName = "model name";

    public static MachineFacts Read() => new(
        Environment.ProcessorCount,
        ReadProcessor(),
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription);

    private static string ReadProcessor()
    {
        var line = File.Exists(ProcessorFile) ? File.ReadLines(ProcessorFile).FirstOrDefault(line => line.StartsWith(ModelName, StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.OSArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
