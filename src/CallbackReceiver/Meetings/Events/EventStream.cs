using System.Diagnostics;

namespace CallbackReceiver.Meetings.Events;

/// <summary>What <see cref="EventStream"/> needs of the service.</summary>
internal sealed record EventSources(EventHub Hub, EventBacklog Backlog, EventMemory Memory, IHostApplicationLifetime Lifetime, TimeProvider Time);

/// <summary>One listener's stream: what happened since it was away, then what happens.</summary>
internal sealed class EventStream(string workspaceId, long? lastSeen, EventSources sources) : IResult
{
    private const string MeetingEvent = "meeting";
    private const string HeartbeatEvent = "heartbeat";
    private const string ResetEvent = "reset";

    /// <summary>Proxies close what is silent for a minute or so.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>After that a stream ends, and its reader comes again: with a key that is still good.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>For so long what was read is told without another look at whether it is still there.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly TimeProvider time = sources.Time;
    private readonly CancellationToken stopping = sources.Lifetime.ApplicationStopping;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var feed = sources.Hub.Join(workspaceId);
        try
        {
            // After joining: what is committed after this is told to those who have joined.
            var state = await sources.Backlog.ReadStateAsync(workspaceId, httpContext.RequestAborted);
            feed.Advance(state.Last);
            var output = new EventOutput(httpContext, time);
            output.SendHeaders();
            await TellAsync(feed, state, output, httpContext.RequestAborted);
        }
        catch (OperationCanceledException) when (httpContext.Response.HasStarted)
        {
            httpContext.Abort(); // it has gone, or takes too long: it goes on where it is when it comes again
        }
        finally
        {
            sources.Hub.Leave(workspaceId, feed);
        }
    }

    private async Task TellAsync(WorkspaceFeed feed, FeedState state, EventOutput output, CancellationToken aborted)
    {
        var started = time.GetTimestamp();
        var position = state.Last;
        if (lastSeen is { } last)
        {
            position = Math.Clamp(last, state.Trimmed, Math.Max(state.Trimmed, state.Last));
            if (position != last)
                await output.WriteAsync(ResetEvent, position);
        }

        await output.WriteAsync(HeartbeatEvent, position);
        while (time.GetElapsedTime(started) < Longest && !stopping.IsCancellationRequested)
        {
            var news = feed.News;
            if (position < feed.Last)
                position = await TellNextAsync(feed, position, output, aborted);
            else
                await WaitAsync(news, aborted);

            // It carries the position, so that a reader that has not seen an event yet comes back to where it was.
            if (output.Silence >= Heartbeat)
                await output.WriteAsync(HeartbeatEvent, position);
        }
    }

    /// <returns>The new position.</returns>
    private async Task<long> TellNextAsync(WorkspaceFeed feed, long position, EventOutput output, CancellationToken aborted)
    {
        EventBatch batch;
        try
        {
            batch = await feed.ReadAsync(position).WaitAsync(aborted);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await Task.Delay(RetryPause, aborted); // the feed says so in the log
            return position;
        }

        if (position < batch.State.Trimmed || position > batch.State.Last)
        {
            // What is next is no longer kept, or PostgreSQL has been replaced by an older state of it.
            position = Math.Clamp(position, batch.State.Trimmed, Math.Max(batch.State.Trimmed, batch.State.Last));
            feed.Set(batch.State.Last);
            await output.WriteAsync(ResetEvent, position);
            return position;
        }

        if (batch.Events.Count == 0)
            return batch.State.Last;
        using var sending = sources.Memory.Begin(batch);
        foreach (var told in batch.Events)
        {
            if (position >= batch.Events[0].Id && Stopwatch.GetElapsedTime(batch.ReadAt) > Fresh)
                break; // it may have been erased since: the rest is read again
            await output.WriteAsync(MeetingEvent, told.Id, told.Json, sending.Cut);
            position = told.Id;
        }

        return position;
    }

    private async Task WaitAsync(Task news, CancellationToken aborted)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        try
        {
            await news.WaitAsync(Heartbeat, time, either.Token);
        }
        catch (TimeoutException)
        {
            // It is time for a heartbeat.
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // The service stops.
        }
    }
}
