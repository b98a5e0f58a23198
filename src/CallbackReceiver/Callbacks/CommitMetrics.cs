using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CallbackReceiver.Callbacks;

/// <summary>Measures the commits that callbacks share, and traces each commit that a traced request has a part in.</summary>
internal sealed class CommitMetrics
{
    private static readonly int[] BatchSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];
    private static readonly KeyValuePair<string, object?> Committed = Telemetry.Tag("result", "committed");
    private static readonly KeyValuePair<string, object?> Spooled = Telemetry.Tag("result", "spooled");
    private static readonly KeyValuePair<string, object?> Failed = Telemetry.Tag("result", "failed");

    private readonly Histogram<int> batchSize;
    private readonly Histogram<double> duration;

    public CommitMetrics(IMeterFactory meters)
    {
        var meter = meters.CreateMeter();
        batchSize = meter.CreateHistogram(
            Telemetry.Prefix + "batch.size", "{delivery}", "Deliveries that shared a commit.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = BatchSizes });
        duration = meter.CreateHistogram(
            Telemetry.Prefix + "commit.duration", "s", "How long a batch took to be committed, or else spooled.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Telemetry.ShortTimes });
    }

    /// <summary>Begins to measure a batch.</summary>
    /// <param name="requests">The activities of its requests, as <see cref="CommitTrace.OfRequest"/> gave them.</param>
    public Measurement Begin(IEnumerable<Activity?> requests) => new(this, CommitTrace.Begin(requests), Stopwatch.GetTimestamp());

    /// <summary>The measurement of one batch.</summary>
    public readonly struct Measurement(CommitMetrics metrics, CommitTrace? trace, long started)
    {
        /// <summary>Ends it; before the senders are answered, whose activities end then.</summary>
        public void End(int deliveries, Receipt?[]? receipts)
        {
            var result = receipts switch
            {
                null => Failed,
                _ when Array.Exists(receipts, receipt => receipt is not { Outcome: not Outcome.Spooled }) => Spooled,
                _ => Committed,
            };
            metrics.batchSize.Record(deliveries, result);
            metrics.duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, result);
            trace?.End(deliveries, (string)result.Value!, receipts);
        }
    }
}
