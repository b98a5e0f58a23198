using System.Security.Claims;
using CallbackReceiver.Access;
using CallbackReceiver.Answers;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Meetings;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Deliveries;

/// <summary>The ledger's API: what came, what became of it, and another try.</summary>
internal static class DeliveriesApi
{
    public static void AddDeliveries(this IServiceCollection services)
    {
        services.AddSingleton<Audit>();
        services.AddSingleton(CreateReplay);
        services.AddSingleton<BulkReplay>();
        services.AddSingleton<Erasure>();
        services.AddDeliveryReports();
    }

    /// <summary>A replay stores with connections of those who manage: however many there are, the receiving keeps its own.</summary>
    private static Replay CreateReplay(IServiceProvider services)
    {
        var dataSource = services.GetRequiredService<ManageDatabase>().DataSource;
        var writer = ActivatorUtilities.CreateInstance<DeliveryWriter>(services, dataSource);
        return ActivatorUtilities.CreateInstance<Replay>(services, ActivatorUtilities.CreateInstance<DeliveryStore>(services, writer, dataSource));
    }

    public static void MapDeliveries(this IEndpointRouteBuilder routes)
    {
        var workspace = routes.MapQueryApi().MapGroup($"/workspaces/{{{WorkspaceFilter.RouteParameter}}}").WithTags("Deliveries")
            .AddEndpointFilter<WorkspaceFilter>().AnswersWith(Problem.NotFound());
        var read = workspace.MapGroup("/deliveries").RequireAuthorization(AccessScopes.Read);
        read.MapGet("", ListAsync)
            .WithName("ListDeliveries").WithSummary("The deliveries of a workspace, newest first")
            .WithDescription("What was signed, whatever became of it, and what is kept as unverified. All that is given must hold.")
            .TakesQuery(DeliveryFilter.Parameters)
            .AnswersWith(Problem.BadParameters([new ParameterError(QueryParameter.Limit.Name, QueryParameter.Limit.Expectation)]));
        read.MapGet("/{delivery_id:guid}", GetAsync)
            .WithName("GetDelivery").WithSummary("What the ledger says of a delivery")
            .WithDescription("All but the body.");
        workspace.MapDeliveryReports();

        var manage = workspace.MapGroup("").RequireAuthorization(AccessScopes.Manage);
        manage.MapGet("/deliveries/{delivery_id:guid}/body", GetBodyAsync)
            .WithName("GetDeliveryBody").WithSummary("The exact bytes of a delivery")
            .WithDescription("As an attachment: anyone may have sent what is unverified. Reading a body leaves an audit row.")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream");
        manage.MapPost("/deliveries/{delivery_id:guid}/replay", ReplayAsync)
            .WithName("ReplayDelivery").WithSummary("Verifies, parses and stores a kept delivery again")
            .WithDescription("With the keys and the parser of today. It keeps its id and its time of receiving. A replay leaves an audit row.")
            .Produces<Receipt>(StatusCodes.Status200OK).Produces<Receipt>(StatusCodes.Status202Accepted)
            .AnswersWith(Problem.OtherWorkspace(), Problem.StillUnverified(), Problem.NotReplayed());
        manage.MapPost("/deliveries/replay", ReplayAllAsync)
            .WithName("ReplayDeliveries").WithSummary("Replays the deliveries that a filter finds, the oldest first")
            .WithDescription("Those that are quarantined, unverified or ignored, as many as `limit` at a time: while there is a `next_cursor`, the same call with it as "
                + "`cursor` goes on. Each delivery is stored by itself and leaves an audit row, so that a call that was broken off can be repeated. One that fails is counted as such.")
            .Produces<ReplayReport>()
            .TakesQuery(DeliveryFilter.ReplayParameters)
            .AnswersWith(Problem.BadParameters([new ParameterError(QueryParameter.Limit.Name, QueryParameter.Limit.Expectation)]));
        manage.MapDelete($"/meetings/{{{MeetingId.RouteParameter}}}", EraseAsync)
            .WithName("EraseMeeting").WithSummary("Erases a meeting: its analysis, its revisions and their bodies")
            .WithDescription("The ledger keeps digest and times of its deliveries, so that a replay of the same bytes brings nothing back. An erasure leaves an audit row.");
    }

    private static async Task<Results<Ok<Page<DeliveryView>>, ProblemHttpResult>> ListAsync(
        string workspace_id, HttpRequest request, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var filter = DeliveryFilter.Read(workspace_id, query);
        return query.Problem is { } problem ? problem : TypedResults.Ok(await filter.ListAsync(context, cancellationToken));
    }

    private static async Task<Results<Ok<DeliveryView>, ProblemHttpResult>> GetAsync(
        string workspace_id, Guid delivery_id, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var delivery = await context.Deliveries
            .Where(d => d.WorkspaceId == workspace_id && d.DeliveryId == delivery_id).Select(DeliveryView.OfEntry).SingleOrDefaultAsync(cancellationToken)
            ?? await context.UnverifiedDeliveries
            .Where(d => d.WorkspaceId == workspace_id && d.DeliveryId == delivery_id).Select(DeliveryView.OfUnverified).SingleOrDefaultAsync(cancellationToken);
        return delivery is null ? Problem.NotFound() : TypedResults.Ok(delivery);
    }

    private static async Task<IResult> GetBodyAsync(
        string workspace_id, Guid delivery_id, ClaimsPrincipal reader, HttpResponse response, IDbContextFactory<ReceiverDbContext> contexts, AnswerMemory memory,
        Audit audit, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var bytes = await context.Deliveries
            .Where(d => d.WorkspaceId == workspace_id && d.DeliveryId == delivery_id).Select(d => (int?)d.Body!.Length).SingleOrDefaultAsync(cancellationToken)
            ?? await context.UnverifiedDeliveries
            .Where(d => d.WorkspaceId == workspace_id && d.DeliveryId == delivery_id).Select(d => (int?)d.Body.Length).SingleOrDefaultAsync(cancellationToken);
        await memory.RoomFor(response.HttpContext).TakeAsync(bytes ?? 0, cancellationToken);
        var body = await context.Deliveries
            .Where(d => d.WorkspaceId == workspace_id && d.DeliveryId == delivery_id).Select(d => d.Body).SingleOrDefaultAsync(cancellationToken)
            ?? await context.UnverifiedDeliveries
            .Where(d => d.WorkspaceId == workspace_id && d.DeliveryId == delivery_id).Select(d => d.Body).SingleOrDefaultAsync(cancellationToken);
        if (body is null)
            return Problem.NotFound();
        await audit.WriteAsync(reader, workspace_id, Audit.ReadBody, delivery_id.ToString());

        // Anyone may have sent what is unverified: a browser must neither show it nor guess what it is.
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(body, "application/octet-stream", $"{delivery_id}.json");
    }

    private static async Task<IResult> ReplayAsync(string workspace_id, Guid delivery_id, ClaimsPrincipal reader, Replay replay) =>
        await replay.RunAsync(reader, workspace_id, delivery_id) switch
        {
            null => Problem.NotFound(),
            ReplayResult.Stored { Receipt: var receipt } => new ReceiptAnswer(receipt),
            ReplayResult.OtherWorkspace => Problem.OtherWorkspace(),
            ReplayResult.Failed => Problem.NotReplayed(),
            _ => Problem.StillUnverified(),
        };

    private static async Task<IResult> ReplayAllAsync(
        string workspace_id, HttpRequest request, ClaimsPrincipal reader, IDbContextFactory<ReceiverDbContext> contexts, BulkReplay replay,
        CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var filter = DeliveryFilter.ReadReplay(workspace_id, query);
        if (query.Problem is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await replay.RunAsync(context, filter, reader, cancellationToken) is { } report ? TypedResults.Ok(report) : Problem.DatabaseAway();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EraseAsync(string workspace_id, MeetingId meeting_id, ClaimsPrincipal reader, Erasure erasure) =>
        await erasure.RunAsync(workspace_id, meeting_id.Value, reader) ? TypedResults.NoContent() : Problem.NotFound();
}
