namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>What is sent.</summary>
/// <param name="Callbacks">How many, each with a text and a meeting of its own.</param>
/// <param name="PerSecond">How many a second; null for as many as are answered.</param>
/// <param name="Meetings">How many meetings are in the tables before.</param>
/// <param name="WithBaselines">Whether the plain tables are measured as well.</param>
internal sealed record EndToEndPlan(int Callbacks, double? PerSecond, int Meetings, bool WithBaselines)
{
    public const int DefaultCallbacks = 20_000;

    /// <summary>Under way at once.</summary>
    public const int Connections = 64;

    /// <summary>Of a body at most, in bytes.</summary>
    public const int BodyLength = 3800;

    /// <summary>PostgreSQL's own defaults, where those of the embedded server are others.</summary>
    public static IReadOnlyDictionary<string, string> ServerSettings { get; } =
        new Dictionary<string, string> { ["shared_buffers"] = "128MB", ["max_wal_size"] = "1GB", ["checkpoint_timeout"] = "5min" };
}
