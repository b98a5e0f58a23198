using System.Collections.Concurrent;

namespace SeaMeet.Simulator.Callbacks;

/// <summary>A callback as it was sent, and the answer.</summary>
internal sealed record SentCallback(string WorkspaceId, string MeetingId, string Signature, string Body, string Answer);

/// <summary>Counts the callbacks and keeps the latest.</summary>
internal sealed class SentCallbacks
{
    private const int Kept = 100;

    private readonly ConcurrentQueue<SentCallback> latest = new();
    private int count;

    public int Count => count;

    public IEnumerable<SentCallback> Latest => latest;

    public void Add(SentCallback callback)
    {
        Interlocked.Increment(ref count);
        latest.Enqueue(callback);
        while (latest.Count > Kept)
            latest.TryDequeue(out _);
    }
}
