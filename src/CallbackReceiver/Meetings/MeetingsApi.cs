using System.Text;
using CallbackReceiver.Access;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Meetings;

/// <summary>The query API: what dashboards read.</summary>
internal static class MeetingsApi
{
    public static void MapMeetings(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1").WithTags("Meetings").RequireAuthorization(AccessScopes.Read);
        api.MapGet("/workspaces", WorkspacesApi.ListAsync)
            .WithName("ListWorkspaces").WithSummary("The workspaces that the key may see");

        var workspace = api.MapGroup($"/workspaces/{{{WorkspaceFilter.RouteParameter}}}").AddEndpointFilter<WorkspaceFilter>();
        workspace.MapGet("/meetings", ListAsync)
            .WithName("ListMeetings").WithSummary("The meetings of a workspace, those received last first")
            .TakesQuery(QueryParameter.Limit, QueryParameter.Cursor);

        var meeting = workspace.MapGroup("/meetings/{meeting_id}");
        meeting.MapGet("", GetAsync)
            .WithName("GetMeeting").WithSummary("One meeting with its transcript");
        meeting.MapGet("/transcript", GetTranscriptAsync)
            .WithName("GetTranscript").WithSummary("The transcript alone: JSON, or lines of plain text where `Accept` likes `text/plain` better")
            .Produces<IReadOnlyList<SegmentView>>(StatusCodes.Status200OK, "application/json", TranscriptText.ContentType);
        meeting.MapGet("/revisions", ListRevisionsAsync)
            .WithName("ListRevisions").WithSummary("Every analysis of the meeting");
        meeting.MapGet("/revisions/{revision:int}", GetRevisionAsync)
            .WithName("GetRevision").WithSummary("The meeting as one of its analyses has it");
    }

    private static async Task<Results<Ok<Page<MeetingView>>, ProblemHttpResult>> ListAsync(
        string workspace_id, HttpRequest request, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request.Query, QueryParameter.Limit, QueryParameter.Cursor);
        var limit = query.ReadLimit();
        var cursor = query.ReadCursor();
        if (query.Problem is { } problem)
            return problem;

        var meetings = context.Meetings.Where(meeting => meeting.WorkspaceId == workspace_id);
        if (cursor is { } after)
        {
            meetings = meetings.Where(meeting => EF.Functions.LessThan(
                ValueTuple.Create(meeting.ReceivedAt, meeting.MeetingId), ValueTuple.Create(after.ReceivedAt, after.MeetingId)));
        }

        var rows = await meetings
            .OrderByDescending(meeting => meeting.ReceivedAt).ThenByDescending(meeting => meeting.MeetingId)
            .Take(limit + 1)
            .Select(MeetingView.WithoutTranscript)
            .ToListAsync(cancellationToken);
        var isLast = rows.Count <= limit;
        if (!isLast)
            rows.RemoveAt(limit);
        return TypedResults.Ok(new Page<MeetingView>(rows, isLast ? null : new MeetingCursor(rows[^1].ReceivedAt, rows[^1].MeetingId).ToString()));
    }

    private static async Task<Results<Ok<MeetingView>, ProblemHttpResult>> GetAsync(
        string workspace_id, MeetingId meeting_id, ReceiverDbContext context, CancellationToken cancellationToken) =>
        await FindAsync(context, workspace_id, meeting_id, cancellationToken) is { } meeting
            ? TypedResults.Ok(MeetingView.Of(meeting))
            : Problem.NotFound();

    private static async Task<IResult> GetTranscriptAsync(
        string workspace_id, MeetingId meeting_id, HttpRequest request, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        if (await FindAsync(context, workspace_id, meeting_id, cancellationToken) is not { } meeting)
            return Problem.NotFound();
        return TranscriptText.IsWanted(request)
            ? TypedResults.Text(TranscriptText.Of(meeting.Transcript), TranscriptText.ContentType, Encoding.UTF8)
            : TypedResults.Ok(meeting.Transcript);
    }

    private static async Task<Results<Ok<RevisionList>, ProblemHttpResult>> ListRevisionsAsync(
        string workspace_id, MeetingId meeting_id, ReceiverDbContext context, CancellationToken cancellationToken) =>
        await FindAsync(context, workspace_id, meeting_id, cancellationToken) is { } meeting
            ? TypedResults.Ok(new RevisionList(await Revisions.ListAsync(context, meeting, cancellationToken)))
            : Problem.NotFound();

    private static async Task<Results<Ok<MeetingView>, ProblemHttpResult>> GetRevisionAsync(
        string workspace_id, MeetingId meeting_id, int revision, ReceiverDbContext context, CancellationToken cancellationToken) =>
        await FindAsync(context, workspace_id, meeting_id, cancellationToken) is { } meeting
        && await Revisions.FindAsync(context, meeting, revision, cancellationToken) is { } view
            ? TypedResults.Ok(view)
            : Problem.NotFound();

    /// <returns>Null also for an id that no text of PostgreSQL can hold.</returns>
    private static async Task<Meeting?> FindAsync(ReceiverDbContext context, string workspaceId, MeetingId meetingId, CancellationToken cancellationToken) =>
        meetingId.Value.Contains('\0', StringComparison.Ordinal)
            ? null
            : await context.Meetings.SingleOrDefaultAsync(
                meeting => meeting.WorkspaceId == workspaceId && meeting.MeetingId == meetingId.Value, cancellationToken);
}
