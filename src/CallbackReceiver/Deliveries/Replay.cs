using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Deliveries;

/// <summary>
/// Takes a kept delivery through verification and parsing again, with the keys and the parser of today. It keeps its id and its time of
/// receiving, so that an old analysis never becomes the current one of a meeting that has a newer.
/// </summary>
internal sealed class Replay(SignatureVerifier verifier, DeliveryStore store)
{
    /// <returns>Null where there is no such delivery, or nothing of it is left.</returns>
    public async Task<IResult?> RunAsync(ReceiverDbContext context, string workspaceId, Guid deliveryId, CancellationToken cancellationToken)
    {
        if (await context.Deliveries.SingleOrDefaultAsync(d => d.WorkspaceId == workspaceId && d.DeliveryId == deliveryId, cancellationToken) is { } entry)
        {
            return entry.Body is null
                ? null
                : await StoreAsync(deliveryId, VerifiedBody.Restore(workspaceId, entry.KeyId, entry.Body), entry.ReceivedAt, isKnown: entry.Outcome == OutcomeNames.Of(Outcome.Stored), cancellationToken);
        }

        var unverified = await context.UnverifiedDeliveries.SingleOrDefaultAsync(d => d.WorkspaceId == workspaceId && d.DeliveryId == deliveryId, cancellationToken);
        if (unverified is null)
            return null;
        if (verifier.Verify(workspaceId, Signature.Restore(unverified.Signature), unverified.Body) is not { } verified)
            return Problem.StillUnverified();
        var answer = await StoreAsync(deliveryId, verified, unverified.ReceivedAt, isKnown: false, cancellationToken);
        await context.UnverifiedDeliveries.Where(d => d.WorkspaceId == workspaceId && d.DeliveryId == deliveryId).ExecuteDeleteAsync(cancellationToken);
        return answer;
    }

    private async Task<IResult> StoreAsync(Guid deliveryId, VerifiedBody body, DateTime receivedAt, bool isKnown, CancellationToken cancellationToken)
    {
        var callback = CallbackParser.Parse(body);
        if (callback is ParsedCallback.OtherWorkspace)
            return Problem.OtherWorkspace();
        var receipts = await store.StoreAsync([new Delivery(deliveryId, body, callback, receivedAt)], cancellationToken);
        return CallbackReception.AnswerOf(isKnown ? receipts[0] with { Outcome = Outcome.Duplicate } : receipts[0]);
    }
}
