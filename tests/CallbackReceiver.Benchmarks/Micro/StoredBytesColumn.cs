using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Benchmarks.Micro;

/// <summary>
/// The bytes that what is stored takes as objects, beside the bytes that were allocated: strings, the array of speakers, and the JSON of
/// items and metadata where there are any. The transcript stays in the body.
/// </summary>
internal sealed class StoredBytesColumn : IColumn
{
    private const int ObjectAlignment = 8;
    private const int StringOverhead = 22; // object header, method table, length, terminating character
    private const int ArrayOverhead = 24; // object header, method table, length

    public string Id => nameof(StoredBytesColumn);

    public string ColumnName => "Stored";

    public string Legend => "What is stored of the body, as strings and arrays: bytes of those objects";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Metric;

    public int PriorityInCategory => int.MaxValue;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Size;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        var size = (BodySize)benchmarkCase.Parameters[nameof(ReceiveBenchmarks.Body)];
        return string.Create(CultureInfo.InvariantCulture, $"{BytesOf(ReceiveBenchmarks.Sample(size).Analysis())} B");
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;

    private static int BytesOf(Analysis analysis)
    {
        // Ratings are constants of the program.
        string?[] strings = [analysis.MeetingId, analysis.Title, analysis.Summary, analysis.AgentPerformanceFeedback, analysis.RiskFactor, .. analysis.Speakers];
        return strings.OfType<string>().Sum(text => Aligned(StringOverhead + (text.Length * sizeof(char))))
            + Aligned(ArrayOverhead + (analysis.Speakers.Length * IntPtr.Size))
            + BytesOf(analysis.Items)
            + BytesOf(analysis.Metadata);
    }

    private static int BytesOf(ReadOnlyMemory<byte> json) => json.Length <= 2 ? 0 : Aligned(ArrayOverhead + json.Length);

    private static int Aligned(int bytes) => (bytes + ObjectAlignment - 1) / ObjectAlignment * ObjectAlignment;
}
