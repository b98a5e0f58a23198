using System.Security.Claims;
using System.Text.Json.Serialization;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Deliveries;

/// <summary>A delivery that could not be replayed. It is kept as it is.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Reason">Why not.</param>
internal sealed record ReplayFailure(Guid DeliveryId, string Reason);

/// <summary>What became of the deliveries that were replayed together.</summary>
/// <param name="Replayed">How many were replayed.</param>
/// <param name="Outcomes">How many of them came to which outcome. Those still `unverified`, of an `other_workspace`, and `failed` are kept as they are.</param>
/// <param name="NextCursor">What to go on with as `cursor`; null where none is left.</param>
/// <param name="Failures">Which `failed`, and why; missing where none did.</param>
internal sealed record ReplayReport(
    int Replayed,
    IReadOnlyDictionary<string, int> Outcomes,
    Guid? NextCursor,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ReplayFailure>? Failures = null);

/// <summary>
/// Replays what a filter finds, the oldest first, each delivery in a transaction of its own: a call that is broken off has replayed what it
/// has, and a second one replays nothing twice that is stored. One that fails is in no other's way.
/// </summary>
internal sealed class BulkReplay(Replay replay, ManageDatabase dataSource)
{
    private const string OtherWorkspace = "other_workspace";
    private const string Failed = "failed";

    /// <returns>Null where PostgreSQL went away before anything was replayed.</returns>
    public async Task<ReplayReport?> RunAsync(ReceiverDbContext context, DeliveryFilter filter, ClaimsPrincipal reader, CancellationToken cancellationToken)
    {
        var (ids, isLast) = await filter.SelectReplayableAsync(context, cancellationToken);
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var failures = new List<ReplayFailure>();
        Guid? done = null;
        foreach (var id in ids)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = await replay.RunAsync(reader, filter.WorkspaceId, id);
            if (result is ReplayResult.Failed && !await IsThereAsync())
                return done is null ? null : ReportOf(next: done);
            if (result is ReplayResult.Failed { Reason: var reason })
                failures.Add(new ReplayFailure(id, reason));
            done = id;
            if (result is not null) // else erased, aged or replayed by another since
                outcomes[NameOf(result)] = outcomes.GetValueOrDefault(NameOf(result)) + 1;
        }

        return ReportOf(isLast ? null : done);

        ReplayReport ReportOf(Guid? next) => new(outcomes.Values.Sum(), outcomes, next, failures.Count > 0 ? failures : null);
    }

    /// <summary>Whether PostgreSQL answers: then the failure is the delivery's own.</summary>
    private async Task<bool> IsThereAsync()
    {
        try
        {
            await using var command = dataSource.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    private static string NameOf(ReplayResult result) => result switch
    {
        ReplayResult.Stored { Receipt.Outcome: var outcome } => OutcomeNames.Of(outcome),
        ReplayResult.StillUnverified => DeliveryView.UnverifiedOutcome,
        ReplayResult.OtherWorkspace => OtherWorkspace,
        ReplayResult.Failed => Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(result)),
    };
}
