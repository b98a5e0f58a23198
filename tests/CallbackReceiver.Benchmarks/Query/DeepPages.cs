using System.Globalization;
using CallbackReceiver.Benchmarks.Query.Data;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>
/// Walks through the largest workspace to its 1,000th page, each page by the cursor of the one before, and measures the pages around it,
/// each of which is asked for once.
/// </summary>
internal sealed class DeepPages(ReaderClient reader, NaiveScan scan, DataPlan plan)
{
    private const int Page = 1_000;
    private const int Around = 50;
    private const int UsualLimit = 50;
    private const double Target = 10;

    private const string SelectPage = """
        SELECT meeting_id FROM meetings WHERE workspace_id = $1
        ORDER BY received_at DESC, meeting_id DESC OFFSET $2 LIMIT $3
        """;

    public Task<CaseResult> RunAsync(CancellationToken cancellationToken)
    {
        // Of fewer meetings than a thousand of the usual pages hold, shorter pages.
        var limit = Math.Clamp((int)(plan.Meetings * DataPlan.Chinese.Share * 0.9 / (Page + Around)), 1, UsualLimit);
        var name = string.Create(CultureInfo.InvariantCulture, $"page {Page:N0} ± {Around}, of {limit} meetings");
        return CaseRun.CatchAsync(new CaseResult(name, Target), async result =>
        {
            var (expected, elapsed) = await scan.ReadIdsAsync(new NaiveQuery(SelectPage, DataPlan.Chinese.Id, (Page - 1) * limit, limit), cancellationToken);
            result.Scan = elapsed;
            result.Expected = expected.Count;
            var number = 0;
            await foreach (var page in PageWalk.RunAsync(reader, $"/{DataPlan.Chinese.Id}/meetings", limit, cancellationToken))
            {
                if (++number == Page)
                    result.Found = page.Ids.Zip(expected).Count(pair => pair.First == pair.Second);
                if (number >= Page - Around)
                {
                    result.Latencies.Add(page.Elapsed);
                    result.Requests++;
                }

                if (number == Page + Around)
                    break;
            }
        });
    }
}
