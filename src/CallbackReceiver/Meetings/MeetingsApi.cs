using System.Linq.Expressions;
using System.Text;
using CallbackReceiver.Access;
using CallbackReceiver.Answers;
using CallbackReceiver.Meetings.Events;
using CallbackReceiver.Meetings.Exporting;
using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Meetings.Statistics;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace CallbackReceiver.Meetings;

/// <summary>The query API: what dashboards read.</summary>
internal static class MeetingsApi
{
    private const int MaxRequestLineBytes = 128 * 1024;

    public static void AddMeetings(this IServiceCollection services)
    {
        // A search that is too long is answered as such, by its name; Kestrel's own limit would be 8 KiB, and its answer empty.
        services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes);
        services.AddSingleton<MeetingReader>();
        services.AddSingleton<StatisticsReader>();
        services.AddSingleton<NdJsonExport>();
        services.AddOptions<EventOptions>().BindConfiguration(EventOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<EventBacklog>();
        services.AddSingleton<EventMemory>();
        services.AddSingleton<EventSources>();
        services.AddSingleton<EventHub>();
        services.AddHostedService(provider => provider.GetRequiredService<EventHub>());
        services.AddSingleton<Projection>();
        services.AddSingleton<BlockSealer>();
        services.AddSingleton<SegmentMerger>();
        services.AddSingleton<Omissions>();
        services.AddSingleton<Refolding>();
        services.AddSingleton<Upkeep>();
        services.AddHostedService<Projector>();
        services.AddHostedService<BacklogGauge>();
        services.AddMetrics<SearchMetrics>();
        services.AddMetrics<EventMetrics>();
    }

    public static void MapMeetings(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapQueryApi().WithTags("Meetings").RequireAuthorization(AccessScopes.Read);
        api.MapGet("/workspaces", WorkspacesApi.ListAsync)
            .WithName("ListWorkspaces").WithSummary("The workspaces that the key may see")
            .WithDescription("Those that are configured or have meetings, sorted by id.");

        var workspace = api.MapGroup($"/workspaces/{{{WorkspaceFilter.RouteParameter}}}").AddEndpointFilter<WorkspaceFilter>()
            .AnswersWith(Problem.NotFound());
        var badParameters = Problem.BadParameters([new ParameterError(QueryParameter.Limit.Name, QueryParameter.Limit.Expectation)]);
        workspace.MapGet("/meetings", ListAsync)
            .WithName("ListMeetings").WithSummary("The meetings of a workspace, those received last first")
            .WithDescription("In pages that neither repeat nor skip a meeting while others arrive. One that is analysed again meanwhile keeps its place until the first page is read anew.")
            .TakesQuery([.. MeetingFilter.Parameters, SortOrders.Parameter, QueryParameter.Limit, QueryParameter.Cursor])
            .AnswersWith(badParameters);
        workspace.MapGet("/statistics", StatisticsApi.GetAsync)
            .WithName("GetStatistics").WithSummary("How many meetings there are, how they were rated, and what their risks were, in all and per day, week or month")
            .WithDescription("Of the last 30 days unless times are given. The most frequent risk factors and speakers are listed.")
            .TakesQuery(StatisticsApi.Parameters)
            .AnswersWith(badParameters);
        workspace.MapGet("/export", ExportApi.Get)
            .WithName("ExportMeetings").WithSummary("All meetings that fit, oldest first, as a file")
            .WithDescription("A JSON object a line, or CSV in which no cell is taken for a formula. An answer that breaks off is not whole.")
            .Produces<string>(StatusCodes.Status200OK, NdJsonExport.ContentType, "text/csv")
            .Streams(StreamKind.Export)
            .TakesQuery(ExportApi.Parameters)
            .AnswersWith(badParameters);

        workspace.MapGet("/events", EventsApi.Get)
            .WithName("ListenToEvents").WithSummary("New analyses as they are committed, as Server-Sent Events")
            .WithDescription("An event `meeting` for each, with the meeting as the list has it; `heartbeat` every 15 seconds; `reset` where what was asked for is no longer kept. "
                + "With `Last-Event-ID` it goes on behind that event. A stream ends after 15 minutes at most; browsers come again by themselves.")
            .Produces<string>(StatusCodes.Status200OK, EventsApi.ContentType)
            .Streams(StreamKind.Events)
            .TakesQuery(EventsApi.Parameters)
            .AnswersWith(badParameters);

        var meeting = workspace.MapGroup($"/meetings/{{{MeetingId.RouteParameter}}}");
        meeting.MapGet("", GetAsync)
            .WithName("GetMeeting").WithSummary("One meeting with its transcript")
            .WithDescription("The analysis received last. A slash in the id is sent as `%2F`.");
        meeting.MapGet("/neighbours", NeighboursApi.GetAsync)
            .WithName("GetNeighbours").WithSummary("The meetings before and after this one in a list")
            .WithDescription("Of the list with the same filters and order, as it is now; this one need not be in it.")
            .TakesQuery(NeighboursApi.Parameters)
            .AnswersWith(badParameters);
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
            .WithDescription("An earlier one is read again from the bytes that were received, as long as they are kept (`available` in the list).");
    }

    private static async Task<Results<Ok<Page<MeetingView>>, ProblemHttpResult>> ListAsync(
        string workspace_id, HttpRequest request, MeetingReader reader, AnswerMemory memory, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var filter = MeetingFilter.Read(workspace_id, query);
        var order = SortOrders.Read(query);
        var list = $"{order} {workspace_id}";
        var cursor = query.ReadCursor(list);
        var limit = query.ReadLimit();
        if (query.Problem is { } problem)
            return problem;

        var (meetings, next) = await reader.ReadPageAsync(filter, order, cursor, limit, memory.RoomFor(request.HttpContext), cancellationToken);
        return TypedResults.Ok(new Page<MeetingView>(meetings, next?.ToString(list)));
    }

    private static async Task<Results<Ok<MeetingView>, NotModified, ProblemHttpResult>> GetAsync(
        string workspace_id, MeetingId meeting_id, HttpContext http, MeetingReader reader, AnswerMemory memory, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        if (await FindKnownAsync(context, workspace_id, meeting_id, EntityTag.Json, http.Request, cancellationToken) is { } known)
            return new NotModified(known);
        if (await reader.FindAsync(workspace_id, meeting_id.Value, memory.RoomFor(http), cancellationToken) is not { } meeting)
            return Problem.NotFound();
        TagOf(meeting, EntityTag.Json).ShowIn(http.Response);
        return TypedResults.Ok(meeting);
    }

    private static async Task<IResult> GetTranscriptAsync(
        string workspace_id, MeetingId meeting_id, HttpContext http, MeetingReader reader, AnswerMemory memory, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        var isText = TranscriptText.IsWanted(http.Request);
        var form = isText ? EntityTag.Text : EntityTag.Json;
        if (await FindKnownAsync(context, workspace_id, meeting_id, form, http.Request, cancellationToken) is { } known)
            return new NotModified(known);
        if (await reader.FindAsync(workspace_id, meeting_id.Value, memory.RoomFor(http), cancellationToken) is not { Transcript: { } transcript } meeting)
            return Problem.NotFound();
        TagOf(meeting, form).ShowIn(http.Response);
        return isText
            ? TypedResults.Text(TranscriptText.Of(transcript), TranscriptText.ContentType, Encoding.UTF8)
            : TypedResults.Ok(transcript);
    }

    private static async Task<Results<Ok<RevisionList>, NotModified, ProblemHttpResult>> ListRevisionsAsync(
        string workspace_id, MeetingId meeting_id, HttpContext http, AnswerMemory memory, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        if (await FindAsync(context, workspace_id, meeting_id, Revisions.OfMeeting, cancellationToken) is not { } revisions)
            return Problem.NotFound();
        var list = await revisions.ListAsync(context, memory.RoomFor(http), cancellationToken);
        var tag = revisions.TagOf(list);
        if (tag.IsKnownTo(http.Request))
            return new NotModified(tag);
        tag.ShowIn(http.Response);
        return TypedResults.Ok(list);
    }

    private static async Task<Results<Ok<MeetingView>, NotModified, ProblemHttpResult>> GetRevisionAsync(
        string workspace_id, MeetingId meeting_id, int revision, HttpContext http, MeetingReader reader, AnswerMemory memory, ReceiverDbContext context,
        CancellationToken cancellationToken)
    {
        var revisions = await FindAsync(context, workspace_id, meeting_id, Revisions.OfMeeting, cancellationToken);
        if (revisions?.TagOf(revision) is not { } tag)
            return Problem.NotFound();
        if (tag.IsKnownTo(http.Request) && await revisions.IsAvailableAsync(context, revision, cancellationToken))
            return new NotModified(tag);
        if (await revisions.FindAsync(context, reader, revision, memory.RoomFor(http), cancellationToken) is not { } view)
            return Problem.NotFound();
        tag.ShowIn(http.Response);
        return TypedResults.Ok(view);
    }

    private static EntityTag TagOf(MeetingView meeting, string form) => new(meeting.DeliveryId, meeting.Revision, meeting.FirstReceivedAt, form);

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
