using CallbackReceiver.Meetings.Events;
using CallbackReceiver.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Looks after what the projection leaves: closes blocks, merges their segments, trims the events, finds what was left out, and folds anew what another version
/// folded. Workspaces that have nothing to do cost nothing, however many there are: each look is one statement for all, or at those alone that
/// were projected lately.
/// </summary>
internal sealed class Upkeep(
    BackgroundDatabase dataSource, BlockSealer sealer, SegmentMerger merger, EventBacklog backlog, Omissions omissions, Refolding refolding, IOptions<EventOptions> events, TimeProvider time)
{
    private static readonly TimeSpan LookPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TrimPause = TimeSpan.FromSeconds(15);

    /// <summary>What was projected is not closed at once (<see cref="BlockSealer"/>), so that it is looked at for some time.</summary>
    private static readonly TimeSpan StaysChanged = TimeSpan.FromSeconds(20);

    /// <summary>So long is worked at a time: then changes are looked for again, which somebody waits for.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);

    // A block that is open between others was opened by what came late or was erased, on whichever replica. The last one of a workspace is always open.
    private const string SelectOpen = "SELECT DISTINCT workspace_id FROM search_blocks WHERE segment_id IS NULL";
    private const string SelectOpenBetween = SelectOpen + " AND to_at < 'infinity'";

    // The first event that is kept has the number after the last one that is not, unless its meeting was erased: then it is looked for.
    private const string SelectToTrim = """
        SELECT f.workspace_id
        FROM feeds f
        LEFT JOIN events e ON e.workspace_id = f.workspace_id AND e.event_id = f.trimmed_event_id + 1
        WHERE f.last_event_id > f.trimmed_event_id AND (e.at IS NULL OR e.at < now() - $1)
        """;

    private readonly Dictionary<string, long> changed = new(StringComparer.Ordinal);
    private readonly Queue<string> toSeal = new();
    private readonly Queue<string> toTrim = new();
    private readonly Queue<string> toFold = new();
    private long? looked;
    private long? lookedAtEvents;

    /// <summary>Notes that a workspace's changes were projected.</summary>
    public void Changed(string workspaceId) => changed[workspaceId] = time.GetTimestamp();

    /// <summary>Looks for work where it is time to, and does some of what there is.</summary>
    /// <param name="turn">Gives a workspace its turn, and says whether it has more to do.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Whether there is more to do.</returns>
    public async Task<bool> RunAsync(Func<string, Func<Task<bool>>, Task<bool>> turn, CancellationToken cancellationToken)
    {
        if (IsTime(looked, LookPause))
            await LookAsync(cancellationToken);
        if (IsTime(lookedAtEvents, TrimPause))
            await LookAtEventsAsync(cancellationToken);

        var started = time.GetTimestamp();
        while (toSeal.Count + toTrim.Count + toFold.Count > 0 && time.GetElapsedTime(started) < Turn)
        {
            if (toTrim.TryDequeue(out var trimmed))
                await turn(trimmed, () => TrimAsync(trimmed, cancellationToken));
            if (toSeal.TryDequeue(out var workspaceId) && await turn(workspaceId, () => SealAsync(workspaceId, cancellationToken)))
                toSeal.Enqueue(workspaceId);

            // What folding opens is looked at in full until it is sealed again. And what is sealed already is folded a block at a time.
            if (toSeal.Count == 0 && toFold.TryDequeue(out var folded) && await turn(folded, () => refolding.FoldAsync(folded, cancellationToken)))
            {
                toFold.Enqueue(folded);
                toSeal.Enqueue(folded);
            }
        }

        return toSeal.Count + toTrim.Count + toFold.Count > 0;
    }

    /// <summary>The first time at all that is open, since nobody knows what an earlier run left; then at what may have become worth closing.</summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var open = await Projector.ListAsync(dataSource, looked is null ? SelectOpen : SelectOpenBetween, cancellationToken);
        open.AddRange(await merger.FindStaleAsync(cancellationToken));
        foreach (var workspaceId in open.Union(changed.Keys, StringComparer.Ordinal).Except(toSeal, StringComparer.Ordinal).ToList())
            toSeal.Enqueue(workspaceId);
        foreach (var (workspaceId, _) in changed.Where(change => time.GetElapsedTime(change.Value) > StaysChanged).ToList())
            changed.Remove(workspaceId);
        await omissions.FindAsync(cancellationToken);
        foreach (var workspaceId in toFold.Count > 0 ? [] : await refolding.FindAsync(cancellationToken))
            toFold.Enqueue(workspaceId);
        looked = time.GetTimestamp();
    }

    /// <summary>Closes blocks, and merges what was closed.</summary>
    private async Task<bool> SealAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var isMore = await sealer.SealAsync(workspaceId, cancellationToken);
        return await merger.MergeAsync(workspaceId, cancellationToken) || isMore;
    }

    private async Task LookAtEventsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(SelectToTrim);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = events.Value.Keep });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetString(0) is var workspaceId && !toTrim.Contains(workspaceId))
                toTrim.Enqueue(workspaceId);
        }

        lookedAtEvents = time.GetTimestamp();
    }

    private async Task<bool> TrimAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await backlog.TrimAsync(workspaceId, cancellationToken);
        return false; // what is left is found again
    }

    private bool IsTime(long? last, TimeSpan pause) => last is not { } at || time.GetElapsedTime(at) >= pause;
}
