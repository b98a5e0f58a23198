using System.Security.Claims;
using CallbackReceiver.Access;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Meetings;

/// <summary>A workspace that the reader may see.</summary>
/// <param name="WorkspaceId">The workspace, as Seasalt names it.</param>
/// <param name="Meetings">How many meetings it has.</param>
/// <param name="LastReceivedAt">When its newest current analysis was received; null where there is none.</param>
internal sealed record WorkspaceView(string WorkspaceId, long Meetings, DateTime? LastReceivedAt);

/// <summary>The list of workspaces.</summary>
/// <param name="Items">Sorted by id.</param>
internal sealed record WorkspaceList(IReadOnlyList<WorkspaceView> Items);

/// <summary>Lists the workspaces: those that are configured, and those that have meetings.</summary>
internal static class WorkspacesApi
{
    public static async Task<Ok<WorkspaceList>> ListAsync(
        ClaimsPrincipal reader, ReloadingSetting<SigningKeys> signingKeys, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var meetings = context.Meetings.AsQueryable();
        if (!reader.MaySeeAll())
        {
            var visible = reader.FindAll(ReaderClaims.Workspace).Select(claim => claim.Value).ToArray();
            meetings = meetings.Where(meeting => visible.Contains(meeting.WorkspaceId));
        }

        var filled = await meetings
            .GroupBy(meeting => meeting.WorkspaceId)
            .Select(workspace => new WorkspaceView(workspace.Key, workspace.LongCount(), workspace.Max(meeting => (DateTime?)meeting.ReceivedAt)))
            .ToDictionaryAsync(workspace => workspace.WorkspaceId, StringComparer.Ordinal, cancellationToken);
        return TypedResults.Ok(new WorkspaceList([.. signingKeys.Current.WorkspaceIds
            .Union(filled.Keys, StringComparer.Ordinal)
            .Where(reader.MaySee)
            .Order(StringComparer.Ordinal)
            .Select(id => filled.GetValueOrDefault(id) ?? new WorkspaceView(id, 0, null))]));
    }
}
