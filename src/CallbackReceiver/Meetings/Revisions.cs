using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Meetings;

/// <summary>One analysis of a meeting, in the list of all.</summary>
/// <param name="Revision">Counted from 1 in the order of storing.</param>
/// <param name="DeliveryId">The delivery that brought it.</param>
/// <param name="ReceivedAt">When it was received.</param>
/// <param name="Current">Whether it is the one that the meeting shows: the one received last.</param>
internal sealed record RevisionView(int Revision, Guid DeliveryId, DateTime ReceivedAt, bool Current);

/// <summary>The analyses of a meeting.</summary>
/// <param name="Items">In the order of their numbers.</param>
internal sealed record RevisionList(IReadOnlyList<RevisionView> Items);

/// <summary>Reads the analyses of a meeting. Those before the current one are not stored a second time: their bodies are parsed again.</summary>
internal static class Revisions
{
    public static async Task<IReadOnlyList<RevisionView>> ListAsync(ReceiverDbContext context, Meeting meeting, CancellationToken cancellationToken)
    {
        var receivedAt = await context.Deliveries
            .Where(delivery => delivery.WorkspaceId == meeting.WorkspaceId && meeting.DeliveryIds.Contains(delivery.DeliveryId))
            .ToDictionaryAsync(delivery => delivery.DeliveryId, delivery => delivery.ReceivedAt, cancellationToken);
        return [.. meeting.DeliveryIds.Select((id, index) => new RevisionView(index + 1, id, receivedAt[id], index + 1 == meeting.Revision))];
    }

    /// <returns>Null where the meeting has no such revision, or its body is erased.</returns>
    public static async Task<MeetingView?> FindAsync(ReceiverDbContext context, Meeting meeting, int revision, CancellationToken cancellationToken)
    {
        if (revision < 1 || revision > meeting.DeliveryIds.Length)
            return null;
        var deliveryId = meeting.DeliveryIds[revision - 1];
        var entry = await context.Deliveries.SingleAsync(
            delivery => delivery.WorkspaceId == meeting.WorkspaceId && delivery.DeliveryId == deliveryId, cancellationToken);
        if (entry.Body is null)
            return null;
        var body = VerifiedBody.Restore(entry.WorkspaceId, entry.KeyId, entry.Body);
        return CallbackParser.Parse(body) is ParsedCallback.Analysed { Analysis: var analysis } ? MeetingView.Of(meeting, revision, entry, analysis) : null;
    }
}
