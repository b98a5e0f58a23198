using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Meetings.Events;

/// <summary>
/// The events of a workspace that somebody listens to. Only their last number is kept: an event is read when it is told, so that nothing of a
/// meeting is told after its erasure. Listeners that are at the same number share a reading, but never one that began before they asked.
/// </summary>
internal sealed partial class WorkspaceFeed(string workspaceId, EventBacklog backlog, ILogger logger)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, TaskCompletionSource<EventBatch>> waiting = [];
    private readonly Queue<long> order = new();
    private TaskCompletionSource news = NewSignal();
    private bool isReading;
    private bool isFailing;

    /// <summary>The number of the last event that is known.</summary>
    public long Last { get; private set; }

    /// <summary>How many listen; the feed lives as long as somebody does. Guarded by the hub.</summary>
    public int Listeners { get; set; }

    /// <summary>Ends when <see cref="Last"/> changes. To be taken before that is looked at.</summary>
    public Task News
    {
        get
        {
            lock (gate)
                return news.Task;
        }
    }

    /// <summary>Wakes the listeners if the last number is another one. It is a smaller one where PostgreSQL has been replaced by an older state of it.</summary>
    public void Set(long last)
    {
        lock (gate)
        {
            if (last == Last)
                return;
            Last = last;
            news.SetResult();
            news = NewSignal();
        }
    }

    /// <summary>Wakes the listeners if the last number is a greater one.</summary>
    public void Advance(long last)
    {
        lock (gate)
        {
            if (last > Last)
                Set(last);
        }
    }

    /// <summary>The events after the number, as they are once this is called.</summary>
    public Task<EventBatch> ReadAsync(long after)
    {
        lock (gate)
        {
            if (waiting.TryGetValue(after, out var reading))
                return reading.Task;
            waiting.Add(after, reading = new TaskCompletionSource<EventBatch>(TaskCreationOptions.RunContinuationsAsynchronously));
            order.Enqueue(after);
            if (!isReading)
            {
                isReading = true;
                _ = Task.Run(ReadWaitingAsync);
            }

            return reading.Task;
        }
    }

    /// <summary>One reading at a time: a workspace with many listeners takes no more than others.</summary>
    private async Task ReadWaitingAsync()
    {
        while (TakeNext() is var (after, reading))
        {
            try
            {
                reading.SetResult(await backlog.ReadAsync(workspaceId, after, CancellationToken.None));
                isFailing = false;
            }
            catch (Exception exception)
            {
                if (!isFailing)
                    LogFailed(logger, workspaceId, StorageFailure.Describe(exception));
                isFailing = true;
                reading.SetException(exception);
                _ = reading.Task.Exception; // its listeners may have gone away
            }
        }
    }

    private (long After, TaskCompletionSource<EventBatch> Reading)? TakeNext()
    {
        lock (gate)
        {
            isReading = order.TryDequeue(out var after);
            if (!isReading)
                return null;
            waiting.Remove(after, out var reading); // who asks from now on is given what is read after this
            return (after, reading!);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(206, LogLevel.Warning, "Events of workspace {WorkspaceId} cannot be read, and are tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string workspaceId, string reason);
}
