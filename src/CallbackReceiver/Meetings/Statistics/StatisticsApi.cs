using Microsoft.AspNetCore.Http.HttpResults;

namespace CallbackReceiver.Meetings.Statistics;

/// <summary>Statistics of a workspace's meetings.</summary>
internal static class StatisticsApi
{
    /// <summary>What is counted where nothing else is asked for.</summary>
    private static readonly TimeSpan DefaultTime = TimeSpan.FromDays(30);

    // Nothing was received outside of these; a calendar has no end of years beyond them.
    private static readonly DateTime Earliest = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Latest = new(9000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static QueryParameter[] Parameters { get; } = [.. MeetingFilter.Parameters, .. Calendar.Parameters];

    public static async Task<Results<Ok<StatisticsView>, ProblemHttpResult>> GetAsync(
        string workspace_id, HttpRequest request, StatisticsReader reader, TimeProvider time, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request);
        var calendar = Calendar.Read(query);
        var filter = MeetingFilter.Read(workspace_id, query);
        var counted = Counted(filter, time.GetUtcNow().UtcDateTime);
        var bounds = calendar.Cut(counted.From, counted.To);
        if (bounds is null)
            Calendar.RefuseTooMany(query);
        return query.Problem is { } problem ? problem : TypedResults.Ok(await reader.ReadAsync(filter with { From = counted.From, To = counted.To }, calendar, bounds!, cancellationToken));
    }

    private static TimeRange Counted(MeetingFilter asked, DateTime now)
    {
        var to = Clamp(asked.To ?? (asked.From > now ? asked.From.Value : now));
        return new TimeRange(Clamp(asked.From ?? to - DefaultTime), to);
    }

    private static DateTime Clamp(DateTime time) => time < Earliest ? Earliest : time > Latest ? Latest : time;
}
