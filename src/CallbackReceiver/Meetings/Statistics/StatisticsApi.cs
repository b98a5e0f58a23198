using Microsoft.AspNetCore.Http.HttpResults;

namespace CallbackReceiver.Meetings.Statistics;

/// <summary>Statistics of a workspace's meetings.</summary>
internal static class StatisticsApi
{
    public static QueryParameter[] Parameters { get; } = [.. MeetingFilter.Parameters, .. Calendar.Parameters];

    public static async Task<Results<Ok<StatisticsView>, ProblemHttpResult>> GetAsync(
        string workspace_id, HttpRequest request, StatisticsReader reader, TimeProvider time, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var calendar = Calendar.Read(query);
        var filter = MeetingFilter.Read(workspace_id, query);
        var counted = CountedTime.Of(filter.From, filter.To, time.GetUtcNow().UtcDateTime);
        var bounds = calendar.Cut(counted.From, counted.To);
        if (bounds is null)
            Calendar.RefuseTooMany(query);
        return query.Problem is { } problem ? problem : TypedResults.Ok(await reader.ReadAsync(filter with { From = counted.From, To = counted.To }, calendar, bounds!, cancellationToken));
    }
}
