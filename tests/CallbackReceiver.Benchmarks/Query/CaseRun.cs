using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>Measures one case: first its latencies, then what it finds beside a sequential scan. What fails is told in the result.</summary>
/// <param name="reader">Asks.</param>
/// <param name="scan">Counts without an index.</param>
/// <param name="requests">How many requests are measured, unless they take too long.</param>
internal sealed class CaseRun(ReaderClient reader, NaiveScan scan, int requests)
{
    private const int LeastRequests = 5;
    private const int CheckedVariants = 7;

    /// <summary>A service that has run for a while has compiled what is asked for.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public Task<CaseResult> RunAsync(QueryCase query, CancellationToken cancellationToken) => CatchAsync(new CaseResult(query.Name, query.Target), async result =>
    {
        await ScanAsync(query, result, cancellationToken);
        await MeasureAsync(query, result, cancellationToken);
        result.Found = 0;
        foreach (var variant in query.Variants.Take(CheckedVariants))
            result.Found += await query.Count(reader, variant.Path, cancellationToken);
    });

    /// <summary>Fills a result in, and notes what fails in it.</summary>
    public static async Task<CaseResult> CatchAsync(CaseResult result, Func<CaseResult, Task> measure)
    {
        try
        {
            await measure(result);
        }
        catch (Exception exception) when (IsAnswerOrDatabase(exception))
        {
            result.Error = exception.Message;
        }

        return result;
    }

    public static bool IsAnswerOrDatabase(Exception exception) =>
        exception is HttpRequestException or IOException or JsonException or InvalidDataException or InvalidOperationException or KeyNotFoundException or FormatException
            or NpgsqlException or TaskCanceledException { InnerException: TimeoutException };

    private async Task ScanAsync(QueryCase query, CaseResult result, CancellationToken cancellationToken)
    {
        var (expected, elapsed, variants) = (0L, TimeSpan.Zero, query.Variants.Take(CheckedVariants).ToList());
        foreach (var variant in variants)
        {
            var (count, time) = await scan.RunAsync(variant.Naive, cancellationToken);
            expected += count;
            elapsed += time;
        }

        result.Expected = expected;
        result.Scan = elapsed / variants.Count;
    }

    private async Task MeasureAsync(QueryCase query, CaseResult result, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.StartNew();
        for (var warmUp = 0; warmUp == 0 || begun.Elapsed < WarmUp; warmUp++)
            await reader.GetAsync(query.Variants[warmUp % query.Variants.Count].Path, cancellationToken);
        begun.Restart();
        for (; result.Requests < requests && (result.Requests < LeastRequests || begun.Elapsed < Patience); result.Requests++)
        {
            var watch = Stopwatch.StartNew();
            await reader.GetAsync(query.Variants[result.Requests % query.Variants.Count].Path, cancellationToken);
            result.Latencies.Add(watch.Elapsed);
        }
    }
}
