using System.Numerics;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>Counts latencies in buckets at most 1.6 percent wide, from a microsecond to an hour.</summary>
internal sealed class LatencyHistogram
{
    private const int BucketsPerOctave = 64;
    private const int Octaves = 28;

    private readonly long[] counts = new long[BucketsPerOctave * Octaves];

    public bool IsEmpty => counts.Sum() == 0;

    public void Add(TimeSpan latency) => counts[BucketOf((ulong)latency.TotalMicroseconds)]++;

    public void Add(LatencyHistogram other)
    {
        for (var bucket = 0; bucket < counts.Length; bucket++)
            counts[bucket] += other.counts[bucket];
    }

    /// <param name="fraction">0.99 for the 99th percentile.</param>
    /// <returns>Zero where nothing was counted.</returns>
    public TimeSpan Percentile(double fraction)
    {
        var rank = (long)Math.Ceiling(fraction * counts.Sum());
        var bucket = 0;
        for (var seen = counts[0]; seen < rank; seen += counts[bucket])
            bucket++;
        return TimeSpan.FromMicroseconds(LowerBoundOf(bucket));
    }

    /// <summary>Below 128 µs a bucket a microsecond, then 64 buckets from each power of two to the next.</summary>
    private static int BucketOf(ulong microseconds)
    {
        var octave = Math.Max(0, BitOperations.Log2(microseconds) - BitOperations.Log2(BucketsPerOctave));
        return Math.Min((BucketsPerOctave * Octaves) - 1, (octave * BucketsPerOctave) + (int)(microseconds >> octave));
    }

    private static long LowerBoundOf(int bucket)
    {
        var octave = Math.Max(0, (bucket / BucketsPerOctave) - 1);
        return (long)(bucket - (octave * BucketsPerOctave)) << octave;
    }
}
