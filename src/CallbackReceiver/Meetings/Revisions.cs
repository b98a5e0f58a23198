using System.IO.Hashing;
using System.Linq.Expressions;
using System.Runtime.InteropServices;
using CallbackReceiver.Answers;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Meetings;

/// <summary>One analysis of a meeting, in the list of all.</summary>
/// <param name="Revision">Counted from 1 in the order of storing.</param>
/// <param name="DeliveryId">The delivery that brought it.</param>
/// <param name="ReceivedAt">When it was received.</param>
/// <param name="Current">Whether it is the one that the meeting shows: the one received last.</param>
/// <param name="Available">Whether it can be read: the current one always, an earlier one as long as the bytes that brought it are kept.</param>
internal sealed record RevisionView(int Revision, Guid DeliveryId, DateTime ReceivedAt, bool Current, bool Available);

/// <summary>The analyses of a meeting.</summary>
/// <param name="Items">In the order of their numbers.</param>
internal sealed record RevisionList(IReadOnlyList<RevisionView> Items);

/// <summary>
/// The analyses of one meeting. Those before the current one are not stored a second time: their bodies are parsed again.
/// </summary>
internal sealed record Revisions(string WorkspaceId, string MeetingId, Guid[] DeliveryIds, int Current, DateTime FirstReceivedAt)
{
    /// <summary>What a revision takes in the list, less than that.</summary>
    private const int BytesInList = 256;

    /// <summary>Without the transcript, which then is not read from the database.</summary>
    public static Expression<Func<Meeting, Revisions>> OfMeeting { get; } = meeting =>
        new Revisions(meeting.WorkspaceId, meeting.MeetingId, meeting.DeliveryIds, meeting.Revision, meeting.FirstReceivedAt);

    /// <returns>Null where the meeting has no such revision.</returns>
    public EntityTag? TagOf(int revision) => revision >= 1 && revision <= DeliveryIds.Length ? new EntityTag(DeliveryIds[revision - 1], revision, FirstReceivedAt) : null;

    /// <summary>Of the list, which also changes when an analysis is added behind the current one, or can no longer be read.</summary>
    public EntityTag TagOf(RevisionList list)
    {
        var available = new string([.. list.Items.Select(item => item.Available ? '1' : '0')]);
        var digest = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(DeliveryIds.AsSpan()), (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(available.AsSpan())));
        return TagOf(Current)!.Value with { Form = $"list-{digest:x}" };
    }

    /// <summary>Whether a revision can be read: the current one from its meeting, an earlier one as long as its body is kept.</summary>
    public async Task<bool> IsAvailableAsync(ReceiverDbContext context, int revision, CancellationToken cancellationToken) =>
        revision == Current || await context.Deliveries.AnyAsync(
            delivery => delivery.WorkspaceId == WorkspaceId && delivery.DeliveryId == DeliveryIds[revision - 1] && delivery.Body != null, cancellationToken);

    public async Task<RevisionList> ListAsync(ReceiverDbContext context, AnswerRoom room, CancellationToken cancellationToken)
    {
        await room.TakeAsync((long)DeliveryIds.Length * BytesInList, cancellationToken);
        var entries = await context.Deliveries
            .Where(delivery => delivery.WorkspaceId == WorkspaceId && DeliveryIds.Contains(delivery.DeliveryId))
            .Select(delivery => new { delivery.DeliveryId, delivery.ReceivedAt, HasBody = delivery.Body != null })
            .ToDictionaryAsync(delivery => delivery.DeliveryId, cancellationToken);
        return new RevisionList([.. DeliveryIds.Select((id, index) => ViewOf(index + 1, id))]);

        RevisionView ViewOf(int revision, Guid id) =>
            new(revision, id, entries[id].ReceivedAt, revision == Current, revision == Current || entries[id].HasBody);
    }

    /// <returns>Null where the meeting has no such revision, or its body is no longer kept.</returns>
    public async Task<MeetingView?> FindAsync(ReceiverDbContext context, MeetingReader reader, int revision, AnswerRoom room, CancellationToken cancellationToken)
    {
        if (revision < 1 || revision > DeliveryIds.Length)
            return null;
        if (revision == Current && await reader.FindAsync(WorkspaceId, MeetingId, room, cancellationToken) is { } current && current.Revision == revision)
            return current;
        var deliveryId = DeliveryIds[revision - 1];
        var delivery = context.Deliveries.Where(entry => entry.WorkspaceId == WorkspaceId && entry.DeliveryId == deliveryId && entry.Body != null);
        if (await delivery.Select(entry => (int?)entry.Body!.Length).SingleOrDefaultAsync(cancellationToken) is not { } bytes)
            return null;
        await room.TakeAsync(bytes, cancellationToken);
        return await delivery.SingleOrDefaultAsync(cancellationToken) is { Body: { } body } entry && CallbackParser.ReadStored(WorkspaceId, body) is { } analysis
            ? MeetingView.Of(this, revision, deliveryId, entry.ReceivedAt, analysis)
            : null;
    }
}
