using System.Security.Claims;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Deliveries;

/// <summary>What became of the deliveries that were replayed together.</summary>
/// <param name="Replayed">How many were replayed.</param>
/// <param name="Outcomes">How many of them came to which outcome. Those still `unverified` are kept; `other_workspace` are refused, as the receiving endpoint does.</param>
/// <param name="NextCursor">What to go on with as `cursor`; null where none is left.</param>
internal sealed record ReplayReport(int Replayed, IReadOnlyDictionary<string, int> Outcomes, Guid? NextCursor);

/// <summary>
/// Replays what a filter finds, the oldest first, each delivery in a transaction of its own: a call that is broken off has replayed what it
/// has, and a second one replays nothing twice that is stored.
/// </summary>
internal sealed class BulkReplay(Replay replay, TimeProvider time)
{
    private const string OtherWorkspace = "other_workspace";

    public async Task<ReplayReport> RunAsync(ReceiverDbContext context, DeliveryFilter filter, ClaimsPrincipal reader, CancellationToken cancellationToken)
    {
        var (ids, isLast) = await filter.SelectReplayableAsync(context, cancellationToken);
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            if (await replay.RunAsync(context, filter.WorkspaceId, id, cancellationToken) is not { } result)
                continue; // erased, aged or replayed by another since
            await Audit.WriteAsync(context, reader, filter.WorkspaceId, Audit.Replay, id.ToString(), time, cancellationToken);
            context.ChangeTracker.Clear();
            var outcome = NameOf(result);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        return new ReplayReport(outcomes.Values.Sum(), outcomes, isLast ? null : ids[^1]);
    }

    private static string NameOf(ReplayResult result) => result switch
    {
        ReplayResult.Stored { Receipt.Outcome: var outcome } => OutcomeNames.Of(outcome),
        ReplayResult.StillUnverified => DeliveryView.UnverifiedOutcome,
        ReplayResult.OtherWorkspace => OtherWorkspace,
        _ => throw new ArgumentOutOfRangeException(nameof(result)),
    };
}
