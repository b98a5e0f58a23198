namespace CallbackReceiver.Meetings.Events;

/// <summary>An event of a workspace as it is told: that a meeting has a new analysis.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Json">The meeting as the list has it, in one line.</param>
internal sealed record FeedEvent(long Id, byte[] Json);

/// <summary>Which events of a workspace there are.</summary>
/// <param name="Trimmed">The number of the last one that is no longer kept; 0 where all are.</param>
/// <param name="Last">The number of the last one; 0 where there is none.</param>
internal readonly record struct FeedState(long Trimmed, long Last);

/// <summary>Events that follow each other, read together.</summary>
/// <param name="WorkspaceId">Their workspace.</param>
/// <param name="State">Which events there were just before they were read.</param>
/// <param name="Events">The events; none where there is nothing up to the last number, such as where the rest is erased.</param>
/// <param name="ReadAt">When the reading began, in the machine's ticks.</param>
internal sealed record EventBatch(string WorkspaceId, FeedState State, IReadOnlyList<FeedEvent> Events, long ReadAt)
{
    public long Bytes { get; } = Events.Sum(told => (long)told.Json.Length);
}
