using System.Diagnostics;
using CallbackReceiver.Benchmarks.Query.Data;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>What came of one export.</summary>
/// <param name="Name">For the reader of the figures.</param>
/// <param name="Wanted">The least meetings a second; null where nothing is promised.</param>
internal sealed record ExportResult(string Name, double? Wanted)
{
    public long? Meetings { get; set; }

    public long? Expected { get; set; }

    public double? PerSecond { get; set; }

    /// <summary>Meetings a second of a plain read of the same columns over Npgsql.</summary>
    public double? ScanPerSecond { get; set; }

    /// <summary>Resident memory of the service before the export, in bytes.</summary>
    public long? Before { get; set; }

    /// <summary>The most resident memory of the service during the export, in bytes.</summary>
    public long? Peak { get; set; }

    public string? Error { get; set; }

    public bool IsRight => Error is null && Meetings == Expected;
}

/// <summary>Measures the export of the largest workspace, after one of the smallest that is not measured.</summary>
internal sealed class ExportRun(ReaderClient reader, NaiveScan scan, int serviceProcess)
{
    private const double Wanted = 50_000;
    private const string WithTranscript = "&include=transcript";
    private static readonly TimeSpan MemoryInterval = TimeSpan.FromMilliseconds(5);

    public async Task<IReadOnlyList<ExportResult>> RunAsync(CancellationToken cancellationToken) =>
    [
        await RunAsync("NDJSON", "ndjson", headLines: 0, "", cancellationToken),
        await RunAsync("CSV", "csv", headLines: 1, "", cancellationToken),
        await RunAsync("NDJSON with transcripts", "ndjson", headLines: 0, WithTranscript, cancellationToken),
    ];

    private async Task<ExportResult> RunAsync(string name, string format, int headLines, string more, CancellationToken cancellationToken)
    {
        var result = new ExportResult(name, more.Length == 0 ? Wanted : null);
        try
        {
            (result.Expected, var scanned) = await scan.ReadAllAsync(DataPlan.Chinese.Id, cancellationToken);
            result.ScanPerSecond = more.Length == 0 ? result.Expected / scanned.TotalSeconds : null;
            await CountLinesAsync(PathOf(DataPlan.Workspaces[^1]), cancellationToken);
            await MeasureAsync(result, PathOf(DataPlan.Chinese), headLines, cancellationToken);
        }
        catch (Exception exception) when (CaseRun.IsAnswerOrDatabase(exception))
        {
            result.Error = exception.Message;
        }

        return result;

        string PathOf(WorkspacePlan workspace) => $"/{workspace.Id}/export?format={format}{more}";
    }

    private async Task MeasureAsync(ExportResult result, string path, int headLines, CancellationToken cancellationToken)
    {
        result.Before = ProcessFile.Memory(serviceProcess);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var peak = PeakAsync(ended.Token);
        var watch = Stopwatch.StartNew();
        try
        {
            result.Meetings = await CountLinesAsync(path, cancellationToken) - headLines;
            result.PerSecond = result.Meetings / watch.Elapsed.TotalSeconds;
        }
        finally
        {
            await ended.CancelAsync();
            result.Peak = await peak;
        }
    }

    /// <summary>No text that the generator makes holds a line break.</summary>
    private async Task<long> CountLinesAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await reader.StreamAsync(path, cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var (buffer, lines) = (new byte[1 << 16], 0L);
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }

    private async Task<long?> PeakAsync(CancellationToken cancellationToken)
    {
        var peak = ProcessFile.Memory(serviceProcess);
        using var timer = new PeriodicTimer(MemoryInterval);
        while (!cancellationToken.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            peak = Math.Max(peak ?? 0, ProcessFile.Memory(serviceProcess) ?? 0);
        }

        return peak;
    }
}
