using System.Security.Claims;
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Deliveries;

/// <summary>
/// Erases a meeting in one transaction. The ledger keeps digest and times of its deliveries: a replay of the same bytes finds them, and
/// brings nothing back. What was kept as unverified is never parsed, so that nobody knows its meeting; it goes by its age.
/// </summary>
internal sealed class Erasure(IDbContextFactory<ReceiverDbContext> contexts, Spool spool, TimeProvider time)
{
    private const string Erased = "erased";

    /// <returns>False where there is nothing of such a meeting.</returns>
    public async Task<bool> RunAsync(string workspaceId, string meetingId, ClaimsPrincipal reader, CancellationToken cancellationToken)
    {
        if (meetingId.Contains('\0', StringComparison.Ordinal))
            return false;
        var spooled = spool.OfMeeting(workspaceId, meetingId);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var stored = context.Meetings.Where(m => m.WorkspaceId == workspaceId && m.MeetingId == meetingId).SelectMany(m => m.DeliveryIds);

        // Ledger before meetings, as the writers lock them.
        var deliveries = await context.Deliveries
            .Where(d => d.WorkspaceId == workspaceId && ((d.Outcome != "stored" && d.MeetingId == meetingId) || stored.Contains(d.DeliveryId)))
            .ExecuteUpdateAsync(
                d => d.SetProperty(e => e.Body, (byte[]?)null).SetProperty(e => e.Outcome, Erased).SetProperty(e => e.Errors, (System.Text.Json.JsonElement?)null),
                cancellationToken);
        var meetings = await context.Meetings.Where(m => m.WorkspaceId == workspaceId && m.MeetingId == meetingId).ExecuteDeleteAsync(cancellationToken);
        foreach (var (_, delivery) in spooled)
        {
            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, outcome, meeting_id, key_id, received_at, duplicates)
                VALUES ({workspaceId}, {delivery.Id}, {delivery.Sha256}, {Erased}, {meetingId}, {delivery.Body.KeyId}, {delivery.ReceivedAt}, 0)
                ON CONFLICT DO NOTHING
                """,
                cancellationToken);
        }

        if (deliveries + meetings + spooled.Count == 0)
            return false;
        await Audit.WriteAsync(context, reader, workspaceId, Audit.Erase, meetingId, time, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        foreach (var (name, _) in spooled)
            spool.Delete(name);
        return true;
    }
}
