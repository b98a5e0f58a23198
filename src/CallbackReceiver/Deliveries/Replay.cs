using System.Security.Claims;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Deliveries;

/// <summary>What became of a replay.</summary>
internal abstract record ReplayResult
{
    private ReplayResult()
    {
    }

    /// <summary>It was stored again, with the outcome of the receipt.</summary>
    public sealed record Stored(Receipt Receipt) : ReplayResult;

    /// <summary>None of the workspace's keys made its signature; it is kept as it is.</summary>
    public sealed record StillUnverified : ReplayResult;

    /// <summary>It names a workspace other than the one whose key signed it; it is kept as it is.</summary>
    public sealed record OtherWorkspace : ReplayResult;

    /// <summary>It was not stored, or nobody knows whether it was; it is kept as it is.</summary>
    /// <param name="Reason">Why, in words that quote nothing of the body.</param>
    public sealed record Failed(string Reason) : ReplayResult;
}

/// <summary>
/// Takes a kept delivery through verification and parsing again, with the keys and the parser of today. It keeps its id and its time of
/// receiving, so that an old analysis never becomes the current one of a meeting that has a newer.
/// </summary>
internal sealed partial class Replay(
    IDbContextFactory<ReceiverDbContext> contexts, SignatureVerifier verifier, DeliveryStore store, Audit audit, TimeProvider time, ILogger<Replay> logger)
{
    /// <summary>For one delivery. It is left then, not cancelled; storing it twice is storing it once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Replays a delivery to its end, whether or not the reader waits for it. What fails is the result of this delivery alone.</summary>
    /// <returns>Null where there is no such delivery, or nothing of it is left.</returns>
    public async Task<ReplayResult?> RunAsync(ClaimsPrincipal reader, string workspaceId, Guid deliveryId)
    {
        try
        {
            return await ReplayAsync(reader, workspaceId, deliveryId).WaitAsync(Patience, time);
        }
        catch (Exception exception)
        {
            var reason = exception is TimeoutException ? "PostgreSQL did not confirm it in time" : StorageFailure.Describe(exception);
            LogFailed(logger, deliveryId, reason);
            return new ReplayResult.Failed(reason);
        }
    }

    private async Task<ReplayResult?> ReplayAsync(ClaimsPrincipal reader, string workspaceId, Guid deliveryId)
    {
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        var entry = await context.Deliveries.SingleOrDefaultAsync(d => d.WorkspaceId == workspaceId && d.DeliveryId == deliveryId, CancellationToken.None);
        var unverified = entry is null
            ? await context.UnverifiedDeliveries.SingleOrDefaultAsync(d => d.WorkspaceId == workspaceId && d.DeliveryId == deliveryId, CancellationToken.None)
            : null;
        if (entry?.Body is null && unverified is null)
            return null;

        await audit.WriteAsync(reader, workspaceId, Audit.Replay, deliveryId.ToString());
        if (entry is { Body: { } body })
            return await StoreAsync(deliveryId, VerifiedBody.Restore(workspaceId, entry.KeyId, body), entry.ReceivedAt, isKnown: entry.Outcome == OutcomeNames.Of(Outcome.Stored));
        if (verifier.Verify(workspaceId, Signature.Restore(unverified!.Signature), unverified.Body) is not { } verified)
            return new ReplayResult.StillUnverified();
        var result = await StoreAsync(deliveryId, verified, unverified.ReceivedAt, isKnown: false);
        if (result is ReplayResult.Stored) // else this is the only copy
            await context.UnverifiedDeliveries.Where(d => d.WorkspaceId == workspaceId && d.DeliveryId == deliveryId).ExecuteDeleteAsync(CancellationToken.None);
        return result;
    }

    private async Task<ReplayResult> StoreAsync(Guid deliveryId, VerifiedBody body, DateTime receivedAt, bool isKnown)
    {
        var callback = CallbackParser.Parse(body);
        if (callback is ParsedCallback.OtherWorkspace)
            return new ReplayResult.OtherWorkspace();
        var receipt = await store.StoreAsync(new Delivery(deliveryId, body, callback, receivedAt));
        return new ReplayResult.Stored(isKnown ? receipt with { Outcome = Outcome.Duplicate } : receipt);
    }

    [LoggerMessage(401, LogLevel.Warning, "The replay of delivery {DeliveryId} failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, Guid deliveryId, string reason);
}
