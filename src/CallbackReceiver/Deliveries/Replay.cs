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

    /// <summary>It names a workspace other than the one whose key signed it, which the receiving endpoint does not keep either.</summary>
    public sealed record OtherWorkspace : ReplayResult;
}

/// <summary>
/// Takes a kept delivery through verification and parsing again, with the keys and the parser of today. It keeps its id and its time of
/// receiving, so that an old analysis never becomes the current one of a meeting that has a newer.
/// </summary>
internal sealed class Replay(SignatureVerifier verifier, DeliveryStore store)
{
    /// <returns>Null where there is no such delivery, or nothing of it is left.</returns>
    public async Task<ReplayResult?> RunAsync(ReceiverDbContext context, string workspaceId, Guid deliveryId, CancellationToken cancellationToken)
    {
        if (await context.Deliveries.SingleOrDefaultAsync(d => d.WorkspaceId == workspaceId && d.DeliveryId == deliveryId, cancellationToken) is { } entry)
        {
            return entry.Body is null
                ? null
                : await StoreAsync(deliveryId, VerifiedBody.Restore(workspaceId, entry.KeyId, entry.Body), entry.ReceivedAt, isKnown: entry.Outcome == OutcomeNames.Of(Outcome.Stored));
        }

        var unverified = await context.UnverifiedDeliveries.SingleOrDefaultAsync(d => d.WorkspaceId == workspaceId && d.DeliveryId == deliveryId, cancellationToken);
        if (unverified is null)
            return null;
        if (verifier.Verify(workspaceId, Signature.Restore(unverified.Signature), unverified.Body) is not { } verified)
            return new ReplayResult.StillUnverified();
        var result = await StoreAsync(deliveryId, verified, unverified.ReceivedAt, isKnown: false);
        await context.UnverifiedDeliveries.Where(d => d.WorkspaceId == workspaceId && d.DeliveryId == deliveryId).ExecuteDeleteAsync(cancellationToken);
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
}
