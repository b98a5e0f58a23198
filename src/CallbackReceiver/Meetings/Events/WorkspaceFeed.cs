namespace CallbackReceiver.Meetings.Events;

/// <summary>
/// The newest events of a workspace that somebody listens to, read once for all of them. A listener that is further behind reads the backlog
/// by itself.
/// </summary>
internal sealed class WorkspaceFeed(string workspaceId, EventBacklog backlog, long last)
{
    private const int MaxEvents = 500;

    private readonly Lock gate = new();
    private readonly Queue<FeedEvent> newest = new();
    private TaskCompletionSource news = NewSignal();

    // Everything after this number, up to the last, is in the queue.
    private long complete = last;

    /// <summary>The number of the last event that is known.</summary>
    public long Last { get; private set; } = last;

    /// <summary>How many listen; the feed lives as long as somebody does. Guarded by the hub.</summary>
    public int Listeners { get; set; }

    /// <summary>Ends when there may be events that the last <see cref="ReadAsync"/> did not give. To be taken before that.</summary>
    public Task News
    {
        get
        {
            lock (gate)
                return news.Task;
        }
    }

    /// <summary>The events after the number; those that are not at hand are read from the backlog.</summary>
    public Task<List<FeedEvent>> ReadAsync(long after, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (after >= complete)
                return Task.FromResult(newest.Where(happened => happened.Id > after).ToList());
        }

        return backlog.ReadAsync(workspaceId, after, cancellationToken);
    }

    /// <summary>Reads what is new, and wakes the listeners if there is anything. Only the hub calls it, once at a time.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        for (var count = EventBacklog.MaxEvents; count == EventBacklog.MaxEvents;)
        {
            var events = await backlog.ReadAsync(workspaceId, Last, cancellationToken);
            Add(events);
            count = events.Count;
        }
    }

    private void Add(List<FeedEvent> events)
    {
        if (events.Count == 0)
            return;
        lock (gate)
        {
            events.ForEach(newest.Enqueue);
            Last = events[^1].Id;
            while (newest.Count > MaxEvents)
                complete = newest.Dequeue().Id;
            news.SetResult();
            news = NewSignal();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
