using System.Text.Json;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Baselines;

/// <summary>
/// One unit of work a delivery, on the service's entities. A race for one new body or meeting shows as a unique violation, and goes once
/// more. Two further analyses of one meeting at the same moment would need a concurrency token besides; no run sends them.
/// </summary>
internal sealed class EfStore(ReceiverDbContext context) : IBaselineStore
{
    public async Task<Receipt> StoreAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            return await StoreOnceAsync(delivery, cancellationToken);
        }
        catch (DbUpdateException lost) when (lost.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            context.ChangeTracker.Clear();
            return await StoreOnceAsync(delivery, cancellationToken);
        }
    }

    private async Task<Receipt> StoreOnceAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var known = await context.Deliveries.AsTracking()
            .FirstOrDefaultAsync(entry => entry.WorkspaceId == delivery.WorkspaceId && entry.BodySha256 == delivery.Sha256, cancellationToken);
        if (known is not null)
            return await CountDuplicateAsync(known, cancellationToken);

        context.Add(ToEntry(delivery));
        int? revision = delivery.Content is ParsedCallback.Analysed { Analysis: var analysis } ? await AddAsync(delivery, analysis, cancellationToken) : null;
        await context.SaveChangesAsync(cancellationToken);
        return new Receipt(delivery.Ledger.Outcome, delivery.Id, delivery.WorkspaceId, delivery.Ledger.MeetingId, revision, delivery.Ledger.Errors);
    }

    private async Task<Receipt> CountDuplicateAsync(LedgerEntry known, CancellationToken cancellationToken)
    {
        context.Entry(known).Property(entry => entry.Duplicates).CurrentValue++;
        await context.SaveChangesAsync(cancellationToken);
        var ids = await context.Meetings.Where(meeting => meeting.WorkspaceId == known.WorkspaceId && meeting.MeetingId == known.MeetingId)
            .Select(meeting => meeting.DeliveryIds).FirstOrDefaultAsync(cancellationToken);
        return new Receipt(Outcome.Duplicate, known.DeliveryId, known.WorkspaceId, known.MeetingId, ids is null ? null : Array.IndexOf(ids, known.DeliveryId) + 1);
    }

    /// <returns>The revision.</returns>
    private async Task<int> AddAsync(Delivery delivery, Analysis analysis, CancellationToken cancellationToken)
    {
        var meeting = await context.Meetings.AsTracking()
            .FirstOrDefaultAsync(meeting => meeting.WorkspaceId == delivery.WorkspaceId && meeting.MeetingId == analysis.MeetingId, cancellationToken);
        if (meeting is null)
        {
            context.Add(ToMeeting(delivery, analysis, [delivery.Id], delivery.ReceivedAt.UtcDateTime));
            return 1;
        }

        Guid[] ids = [.. meeting.DeliveryIds, delivery.Id];
        if (delivery.ReceivedAt.UtcDateTime > meeting.ReceivedAt)
            context.Entry(meeting).CurrentValues.SetValues(ToMeeting(delivery, analysis, ids, meeting.FirstReceivedAt));
        else
            context.Entry(meeting).Property(changed => changed.DeliveryIds).CurrentValue = ids;
        return ids.Length;
    }

    private static LedgerEntry ToEntry(Delivery delivery) => new()
    {
        WorkspaceId = delivery.WorkspaceId,
        DeliveryId = delivery.Id,
        BodySha256 = delivery.Sha256,
        Body = delivery.Body.Bytes.ToArray(), // the entity's type
        Outcome = OutcomeNames.Of(delivery.Ledger.Outcome),
        EventName = delivery.Ledger.EventName,
        MeetingId = delivery.Ledger.MeetingId,
        Errors = delivery.Ledger.ErrorsJson is { } errors ? JsonElement.Parse(errors) : null,
        KeyId = delivery.Body.KeyId,
        ReceivedAt = delivery.ReceivedAt.UtcDateTime,
    };

    private static Meeting ToMeeting(Delivery delivery, Analysis analysis, Guid[] deliveryIds, DateTime firstReceivedAt) => new()
    {
        WorkspaceId = delivery.WorkspaceId,
        MeetingId = analysis.MeetingId,
        Title = analysis.Title,
        Summary = analysis.Summary,
        CustomerSatisfactionRating = analysis.CustomerSatisfactionRating,
        AgentPerformanceRating = analysis.AgentPerformanceRating,
        AgentPerformanceFeedback = analysis.AgentPerformanceFeedback,
        RiskFactor = analysis.RiskFactor,
        ItemsAsJsonb = JsonElement.Parse(analysis.Items.Span),
        MetadataAsJsonb = JsonElement.Parse(analysis.Metadata.Span),
        Speakers = analysis.Speakers,
        Segments = analysis.Segments,
        DeliveryIds = deliveryIds,
        Revision = deliveryIds.Length,
        FirstReceivedAt = firstReceivedAt,
        ReceivedAt = delivery.ReceivedAt.UtcDateTime,
    };
}
