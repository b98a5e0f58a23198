using CallbackReceiver.Access;
using CallbackReceiver.Meetings;
using CallbackReceiver.Meetings.Statistics;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Deliveries;

/// <summary>What the deliveries of a workspace add up to, by which keys they were signed, and who did what with them.</summary>
internal static class DeliveryReportsApi
{
    private static readonly QueryParameter After = new("cursor", "The `next_cursor` of the page before.", "expected the next_cursor of a page, as it was");

    public static void AddDeliveryReports(this IServiceCollection services)
    {
        services.AddSingleton<DeliveryCounter>();
        services.AddSingleton<Quarantine>();
        services.AddSingleton<KeyUses>();
    }

    /// <param name="workspace">The group of routes that are of one workspace.</param>
    public static void MapDeliveryReports(this RouteGroupBuilder workspace)
    {
        var badTime = Problem.BadParameters([new ParameterError(DeliveryFilter.ReceivedFrom.Name, DeliveryFilter.ReceivedFrom.Expectation)]);
        var read = workspace.MapGroup("").RequireAuthorization(AccessScopes.Read);
        read.MapGet("/deliveries/counts", CountAsync)
            .WithName("CountDeliveries").WithSummary("How many deliveries there are of each outcome, in all and per day, week or month")
            .WithDescription("Of the last 30 days unless times are given, which count in whole milliseconds.")
            .TakesQuery([DeliveryFilter.ReceivedFrom, DeliveryFilter.ReceivedTo, .. Calendar.Parameters])
            .AnswersWith(badTime);
        read.MapGet("/deliveries/quarantine", GroupAsync)
            .WithName("GroupQuarantine").WithSummary("Why deliveries are quarantined: their first errors, and how many have each")
            .WithDescription("Of the newest 10,000 of the time; each with the last such delivery as a sample.")
            .TakesQuery(DeliveryFilter.ReceivedFrom, DeliveryFilter.ReceivedTo)
            .AnswersWith(badTime);
        read.MapGet("/keys", ListKeysAsync)
            .WithName("ListKeys").WithSummary("The signing keys of a workspace, and when they were used")
            .WithDescription("By their ids; a key itself is never shown.");
        workspace.MapGroup("").RequireAuthorization(AccessScopes.Manage).MapGet("/audit", ListAuditAsync)
            .WithName("ListAudit").WithSummary("Who erased, replayed and read bodies, the newest first")
            .WithDescription("A removal by age stands at the age up to which it removed, not at the time at which it was done.")
            .TakesQuery(QueryParameter.Limit, After)
            .AnswersWith(Problem.BadParameters([new ParameterError(QueryParameter.Limit.Name, QueryParameter.Limit.Expectation)]));
    }

    private static async Task<Results<Ok<DeliveryCounts>, ProblemHttpResult>> CountAsync(
        string workspace_id, HttpRequest request, DeliveryCounter counter, TimeProvider time, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var calendar = Calendar.Read(query);
        var (from, to) = ReadTime(query);
        var counted = CountedTime.Of(from, to, time.GetUtcNow().UtcDateTime);
        counted = new TimeRange(WholeMilliseconds(counted.From), WholeMilliseconds(counted.To));
        var bounds = calendar.Cut(counted.From, counted.To);
        if (bounds is null)
            Calendar.RefuseTooMany(query);
        return query.Problem is { } problem ? problem : TypedResults.Ok(await counter.CountAsync(workspace_id, counted, calendar, bounds!, cancellationToken));
    }

    private static async Task<Results<Ok<QuarantineView>, ProblemHttpResult>> GroupAsync(
        string workspace_id, HttpRequest request, Quarantine quarantine, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var (from, to) = ReadTime(query);
        return query.Problem is { } problem
            ? problem
            : TypedResults.Ok(await quarantine.ReadAsync(workspace_id, from ?? TimeRange.Always.From, to ?? TimeRange.Always.To, cancellationToken));
    }

    private static async Task<Ok<KeyList>> ListKeysAsync(string workspace_id, KeyUses keys, CancellationToken cancellationToken) =>
        TypedResults.Ok(await keys.ReadAsync(workspace_id, cancellationToken));

    private static async Task<Results<Ok<Page<AuditView>>, ProblemHttpResult>> ListAuditAsync(
        string workspace_id, HttpRequest request, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var after = query.Read<Guid>(After, text => Guid.TryParse(text, out var id) ? id : null);
        var limit = query.ReadLimit();
        if (query.Problem is { } problem)
            return problem;
        var rows = await context.Audit.Where(entry => entry.WorkspaceId == workspace_id && (after == null || entry.AuditId < after))
            .OrderByDescending(entry => entry.AuditId).Take(limit + 1)
            .Select(entry => new AuditView(entry.AuditId, entry.Actor, entry.Action, entry.Subject, entry.At)).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Page<AuditView>([.. rows.Take(limit)], rows.Count > limit ? rows[limit - 1].AuditId.ToString() : null));
    }

    private static (DateTime? From, DateTime? To) ReadTime(QueryReader query)
    {
        var (from, to) = (query.ReadTime(DeliveryFilter.ReceivedFrom), query.ReadTime(DeliveryFilter.ReceivedTo));
        if (from > to)
            query.Refuse(DeliveryFilter.ReceivedFrom, "expected a time that is not after received_to");
        return (from, to);
    }

    private static DateTime WholeMilliseconds(DateTime time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMillisecond));
}

/// <summary>What somebody did who may manage, or what age removed.</summary>
/// <param name="AuditId">Its id.</param>
/// <param name="Actor">The name of the API key, the subject of the token, or `retention`.</param>
/// <param name="Action">`erase`, `replay` or `read_body`.</param>
/// <param name="Subject">The meeting or the delivery.</param>
/// <param name="At">When it was done.</param>
internal sealed record AuditView(Guid AuditId, string Actor, string Action, string Subject, DateTime At);
