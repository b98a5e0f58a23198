using System.Security.Claims;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Deliveries;

/// <summary>Notes what readers with the scope <c>manage</c> do; <see cref="MeetingRemoval"/> notes erasures in its own transaction.</summary>
internal static class Audit
{
    public const string Replay = "replay";
    public const string ReadBody = "read_body";

    public static async Task WriteAsync(
        ReceiverDbContext context, ClaimsPrincipal reader, string workspaceId, string action, string subject, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        context.Audit.Add(new AuditEntry
        {
            WorkspaceId = workspaceId,
            AuditId = Guid.CreateVersion7(now),
            Actor = reader.Identity?.Name ?? "",
            Action = action,
            Subject = subject,
            At = now.UtcDateTime,
        });
        await context.SaveChangesAsync(cancellationToken);
    }
}
