using System.Linq.Expressions;
using System.Text;
using CallbackReceiver.Access;
using CallbackReceiver.Answers;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace CallbackReceiver.Meetings;

/// <summary>The query API: what dashboards read.</summary>
internal static class MeetingsApi
{
    public static void MapMeetings(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapQueryApi().WithTags("Meetings").RequireAuthorization(AccessScopes.Read);
        api.MapGet("/workspaces", WorkspacesApi.ListAsync)
            .WithName("ListWorkspaces").WithSummary("The workspaces that the key may see")
            .WithDescription("Those that are configured or have meetings, sorted by id.");

        var workspace = api.MapGroup($"/workspaces/{{{WorkspaceFilter.RouteParameter}}}").AddEndpointFilter<WorkspaceFilter>()
            .AnswersWith(Problem.NotFound());
        workspace.MapGet("/meetings", ListAsync)
            .WithName("ListMeetings").WithSummary("The meetings of a workspace, those received last first")
            .WithDescription("In pages that neither repeat nor skip a meeting while others arrive. One that is analysed again meanwhile moves to the front.")
            .TakesQuery(QueryParameter.Limit, QueryParameter.Cursor)
            .AnswersWith(Problem.BadParameters([new ParameterError(QueryParameter.Limit.Name, QueryParameter.Limit.Expectation)]));

        var meeting = workspace.MapGroup($"/meetings/{{{MeetingId.RouteParameter}}}");
        meeting.MapGet("", GetAsync)
            .WithName("GetMeeting").WithSummary("One meeting with its transcript")
            .WithDescription("The analysis received last. A slash in the id is sent as `%2F`.");
        meeting.MapGet("/transcript", GetTranscriptAsync)
            .WithName("GetTranscript").WithSummary("The transcript alone: JSON, or lines of plain text where `Accept` likes `text/plain` better")
            .WithDescription("A line is `speaker: text`, or only the text where no speaker is known.")
            .Produces<IReadOnlyList<SegmentView>>(StatusCodes.Status200OK, "application/json", TranscriptText.ContentType)
            .Produces(StatusCodes.Status304NotModified);
        meeting.MapGet("/revisions", ListRevisionsAsync)
            .WithName("ListRevisions").WithSummary("Every analysis of the meeting")
            .WithDescription("In the order of storing. The current one is the one received last, which is the last of the list but where an older one was stored late.");
        meeting.MapGet("/revisions/{revision:int}", GetRevisionAsync)
            .WithName("GetRevision").WithSummary("The meeting as one of its analyses has it")
            .WithDescription("Read again from the bytes that were received.");
    }

    private static async Task<Results<Ok<Page<MeetingView>>, ProblemHttpResult>> ListAsync(
        string workspace_id, HttpRequest request, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var limit = query.ReadLimit();
        var cursor = query.ReadCursor(workspace_id);
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
        return TypedResults.Ok(new Page<MeetingView>(rows, isLast ? null : new MeetingCursor(rows[^1].ReceivedAt, rows[^1].MeetingId).ToString(workspace_id)));
    }

    private static async Task<Results<Ok<MeetingView>, NotModified, ProblemHttpResult>> GetAsync(
        string workspace_id, MeetingId meeting_id, HttpContext http, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        if (await FindKnownAsync(context, workspace_id, meeting_id, EntityTag.Json, http.Request, cancellationToken) is { } known)
            return new NotModified(known);
        if (await FindAsync(context, workspace_id, meeting_id, meeting => meeting, cancellationToken) is not { } meeting)
            return Problem.NotFound();
        TagOf(meeting, EntityTag.Json).ShowIn(http.Response);
        return TypedResults.Ok(MeetingView.Of(meeting));
    }

    private static async Task<IResult> GetTranscriptAsync(
        string workspace_id, MeetingId meeting_id, HttpContext http, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        var isText = TranscriptText.IsWanted(http.Request);
        var form = isText ? EntityTag.Text : EntityTag.Json;
        if (await FindKnownAsync(context, workspace_id, meeting_id, form, http.Request, cancellationToken) is { } known)
            return new NotModified(known);
        if (await FindAsync(context, workspace_id, meeting_id, meeting => meeting, cancellationToken) is not { } meeting)
            return Problem.NotFound();
        TagOf(meeting, form).ShowIn(http.Response);
        return isText
            ? TypedResults.Text(TranscriptText.Of(meeting.Transcript), TranscriptText.ContentType, Encoding.UTF8)
            : TypedResults.Ok(meeting.Transcript);
    }

    private static async Task<Results<Ok<RevisionList>, ProblemHttpResult>> ListRevisionsAsync(
        string workspace_id, MeetingId meeting_id, ReceiverDbContext context, CancellationToken cancellationToken) =>
        await FindAsync(context, workspace_id, meeting_id, Revisions.OfMeeting, cancellationToken) is { } revisions
            ? TypedResults.Ok(await revisions.ListAsync(context, cancellationToken))
            : Problem.NotFound();

    private static async Task<Results<Ok<MeetingView>, NotModified, ProblemHttpResult>> GetRevisionAsync(
        string workspace_id, MeetingId meeting_id, int revision, HttpContext http, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var revisions = await FindAsync(context, workspace_id, meeting_id, Revisions.OfMeeting, cancellationToken);
        if (revisions?.TagOf(revision) is not { } tag)
            return Problem.NotFound();
        if (tag.IsKnownTo(http.Request) && await revisions.HasBodyAsync(context, revision, cancellationToken))
            return new NotModified(tag);
        if (await revisions.FindAsync(context, revision, cancellationToken) is not { } view)
            return Problem.NotFound();
        tag.ShowIn(http.Response);
        return TypedResults.Ok(view);
    }

    private static EntityTag TagOf(Meeting meeting, string form) => new(meeting.DeliveryIds[meeting.Revision - 1], meeting.Revision, form);

    /// <summary>Asks only for what the tag is made of, so that a reader who has the meeting already costs little.</summary>
    /// <returns>Null where the reader has not just what there is, or does not say.</returns>
    private static async Task<EntityTag?> FindKnownAsync(
        ReceiverDbContext context, string workspaceId, MeetingId meetingId, string form, HttpRequest request, CancellationToken cancellationToken) =>
        request.Headers.IfNoneMatch.Count > 0
        && await FindAsync(context, workspaceId, meetingId, Revisions.OfMeeting, cancellationToken) is { } revisions
        && revisions.TagOf(revisions.Current) is { } tag && (tag with { Form = form }).IsKnownTo(request)
            ? tag with { Form = form }
            : null;

    /// <returns>Null also for an id that no text of PostgreSQL can hold.</returns>
    private static async Task<T?> FindAsync<T>(
        ReceiverDbContext context, string workspaceId, MeetingId meetingId, Expression<Func<Meeting, T>> view, CancellationToken cancellationToken)
        where T : class =>
        meetingId.Value.Contains('\0', StringComparison.Ordinal)
            ? null
            : await context.Meetings
                .Where(meeting => meeting.WorkspaceId == workspaceId && meeting.MeetingId == meetingId.Value)
                .Select(view)
                .SingleOrDefaultAsync(cancellationToken);
}
