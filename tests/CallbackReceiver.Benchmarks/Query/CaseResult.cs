using CallbackReceiver.Benchmarks.Load;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>What came of one case.</summary>
/// <param name="Name">For the reader of the figures.</param>
/// <param name="Target">The most that its 95th percentile may be, in milliseconds.</param>
internal sealed record CaseResult(string Name, double? Target)
{
    public LatencyHistogram Latencies { get; } = new();

    public int Requests { get; set; }

    /// <summary>What the sequential scan took.</summary>
    public TimeSpan? Scan { get; set; }

    /// <summary>What the sequential scan counted, over all requests that were checked.</summary>
    public long? Expected { get; set; }

    /// <summary>What the API's answers hold, over the same requests.</summary>
    public long? Found { get; set; }

    /// <summary>Why there are no figures, or fewer.</summary>
    public string? Error { get; set; }

    public bool IsRight => Error is null && Found == Expected;
}
