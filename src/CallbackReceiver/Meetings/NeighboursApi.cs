using CallbackReceiver.Answers;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Meetings;

/// <summary>The meetings beside one in a list.</summary>
/// <param name="PreviousMeetingId">The one before it; null where it is the first.</param>
/// <param name="NextMeetingId">The one after it; null where it is the last.</param>
internal sealed record NeighboursView(string? PreviousMeetingId, string? NextMeetingId);

/// <summary>Finds the meetings before and after one in a list, so that who has opened it from there can go on.</summary>
internal static class NeighboursApi
{
    public static readonly QueryParameter[] Parameters = [.. MeetingFilter.Parameters, SortOrders.Parameter];

    public static async Task<Results<Ok<NeighboursView>, ProblemHttpResult>> GetAsync(
        string workspace_id, MeetingId meeting_id, HttpRequest request, MeetingReader reader, AnswerMemory memory, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var filter = MeetingFilter.Read(workspace_id, query);
        var order = SortOrders.Read(query);
        if (query.Problem is { } problem)
            return problem;
        if (await FindPlaceAsync(context, workspace_id, meeting_id.Value, cancellationToken) is not { } place)
            return Problem.NotFound();

        return TypedResults.Ok(new NeighboursView(
            await FindNextAsync(order == SortOrder.NewestFirst ? SortOrder.OldestFirst : SortOrder.NewestFirst),
            await FindNextAsync(order)));

        async Task<string?> FindNextAsync(SortOrder direction)
        {
            var asOfNow = new MeetingCursor(place, TimeRange.Always.To); // each meeting is at the place of its current analysis
            var (meetings, _) = await reader.ReadPageAsync(filter, direction, asOfNow, limit: 1, memory.RoomFor(request.HttpContext), cancellationToken);
            return meetings is [var next] ? next.MeetingId : null;
        }
    }

    /// <returns>Null where there is no such meeting, also for an id that no text of PostgreSQL can hold.</returns>
    private static async Task<ListPlace?> FindPlaceAsync(ReceiverDbContext context, string workspaceId, string meetingId, CancellationToken cancellationToken)
    {
        if (meetingId.Contains('\0', StringComparison.Ordinal))
            return null;
        var receivedAt = await context.Meetings.Where(meeting => meeting.WorkspaceId == workspaceId && meeting.MeetingId == meetingId)
            .Select(meeting => (DateTime?)meeting.ReceivedAt).SingleOrDefaultAsync(cancellationToken);
        return receivedAt is { } at ? new ListPlace(at, meetingId) : null;
    }
}
