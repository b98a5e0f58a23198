using CallbackReceiver.Answers;
using CallbackReceiver.Meetings;
using CallbackReceiver.Meetings.Statistics;
using CallbackReceiver.WebConsole.Calls;

namespace CallbackReceiver.WebConsole.Overview;

/// <summary>How a workspace's calls have been: figures beside those of the time before, both ratings over time, and the calls to look at first.</summary>
internal static class OverviewPage
{
    private const int Rows = 6;
    private const int MostRisks = 8;

    public static async Task<IResult> ShowAsync(
        string workspace_id, HttpContext http, MeetingReader reader, StatisticsReader statistics, AnswerMemory memory, TimeProvider time, CancellationToken cancellationToken)
    {
        var page = PageContext.Of(http);
        var period = Period.Of(http.Request.Query[Period.Parameter], page.Zone, time.GetUtcNow().UtcDateTime);
        var room = memory.RoomFor(http);
        var latest = await ReadAsync(new MeetingFilter(workspace_id));
        if (latest.Count == 0)
            return Layout.Answer(page, page[Words.Overview], FirstCall.Explain(page));

        var filter = new MeetingFilter(workspace_id) { From = period.Current.From, To = period.Current.To };
        var current = await CountAsync(filter);
        var before = await CountAsync(filter with { From = period.Before.From, To = period.Before.To });
        var worst = await ReadAsync(filter.WithCustomerSatisfaction("E"));
        if (worst.Count < Rows)
            worst.AddRange((await ReadAsync(filter.WithCustomerSatisfaction("D"))).Take(Rows - worst.Count));
        return Layout.Answer(page, page[Words.Overview], $"""
            <div class="head"><h1>{page[Words.Overview]}</h1><nav class="choices no-print" aria-label="{page[Words.Period]}">{Period.Choices.Select(days => Choice(page, period, days))}</nav></div>
            {Figures(page, period, current, before, latest[0])}
            <div class="two">{Chart(page, current, Words.CustomerSatisfaction, CallQuery.CustomerSatisfaction, interval => interval.CustomerSatisfactionRating)}
            {Chart(page, current, Words.AgentPerformance, CallQuery.AgentPerformance, interval => interval.AgentPerformanceRating)}</div>
            <div class="two unequal">{Calls(page, Words.WorstCalls, Worst(page, period), worst)}{Risks(page, period, current)}</div>
            {Calls(page, Words.LatestCalls, CallQuery.All, latest)}
            """);

        async Task<List<MeetingView>> ReadAsync(MeetingFilter calls) =>
            (await reader.ReadPageAsync(calls, SortOrder.NewestFirst, after: null, Rows, room, cancellationToken)).Meetings;

        Task<StatisticsView> CountAsync(MeetingFilter calls)
        {
            var calendar = Calendar.Of(page.Zone.Zone, period.IsByWeek);
            return statistics.ReadAsync(calls, calendar, calendar.Cut(calls.Received.From, calls.Received.To)!, cancellationToken);
        }
    }

    private static Html Choice(PageContext page, Period period, int days)
    {
        var name = page.Say(Words.Days, Numbers.Of(days));
        var path = $"{page.WorkspacePath}?{Period.Parameter}={Period.NameOf(days)}";
        return days == period.Days ? (Html)$"""<a href="{path}" aria-current="true">{name}</a>""" : (Html)$"""<a href="{path}">{name}</a>""";
    }

    private static Html Figures(PageContext page, Period period, StatisticsView current, StatisticsView before, MeetingView last)
    {
        var since = page.Say(Words.OnTheDaysBefore, Numbers.Of(period.Days));
        Html change = before.Meetings == 0
            ? (Html)$"{page[Words.NoneBefore]}"
            : (Html)$"{Numbers.Signed(100.0 * (current.Meetings - before.Meetings) / before.Meetings, "0")} % {since}";
        return $"""
            <div class="figures">
            <a class="card" href="{CallsPage.PathOf(page, In(page, period))}"><small>{page[Words.Calls]}</small><strong>{Numbers.Of(current.Meetings)}</strong><small>{change}</small></a>
            {BadShare(page, period, Words.BadSatisfaction, CallQuery.CustomerSatisfaction, current.CustomerSatisfactionRating, before.CustomerSatisfactionRating)}
            {BadShare(page, period, Words.BadPerformance, CallQuery.AgentPerformance, current.AgentPerformanceRating, before.AgentPerformanceRating)}
            <a class="card" href="{CallPage.PathOf(page, last.MeetingId)}"><small>{page[Words.LastCall]}</small><strong class="moment">{page.Zone.Minute(last.ReceivedAt)}</strong><small>{page.Zone.Name}</small></a>
            </div>
            """;
    }

    /// <summary>Of the calls that were rated, how many were rated D or E.</summary>
    private static Html BadShare(
        PageContext page, Period period, Word title, string parameter, IReadOnlyDictionary<string, long> current, IReadOnlyDictionary<string, long> before)
    {
        var (bad, rated) = BadOf(current);
        var (badBefore, ratedBefore) = BadOf(before);
        Html change = rated == 0 || ratedBefore == 0
            ? (Html)$"{page[Words.NoneBefore]}"
            : (Html)$"{Numbers.Signed((100.0 * bad / rated) - (100.0 * badBefore / ratedBefore), "0.0")} {page[Words.Points]}";
        return $"""
            <a class="card" href="{CallsPage.PathOf(page, In(page, period))}&amp;{parameter}=D&amp;{parameter}=E"><small>{page[title]}</small><strong>{Numbers.Percent(bad, rated)}</strong><small>{change}</small></a>
            """;
    }

    private static (long Bad, long Rated) BadOf(IReadOnlyDictionary<string, long> ratings) =>
        (ratings["D"] + ratings["E"], ratings.Where(rating => rating.Key != Rating.None).Sum(rating => rating.Value));

    private static Html Chart(
        PageContext page, StatisticsView current, Word title, string parameter, Func<IntervalStatistics, IReadOnlyDictionary<string, long>> ratings) =>
        new RatingChart(page, title, parameter, current.Series, ratings).Draw();

    private static Html Calls(PageContext page, Word title, CallQuery list, List<MeetingView> calls)
    {
        Html none = $"""<p class="muted">{page[Words.NoneInPeriod]}</p>""";
        return $"""
            <section class="card"><h2><a href="{CallsPage.PathOf(page, list)}">{page[title]}</a></h2>
            {(calls.Count == 0 ? none : new CallRows(page, list, [], new Dictionary<string, string>()).Table(calls))}</section>
            """;
    }

    private static Html Risks(PageContext page, Period period, StatisticsView current)
    {
        Html none = $"""<p class="muted">{page[Words.NoneInPeriod]}</p>""";
        Html table = $"""<table class="risks"><tbody>{current.RiskFactors.Take(MostRisks).Select(risk => Risk(page, period, risk, current.RiskFactors[0].Meetings))}</tbody></table>""";
        return $"""<section class="card"><h2>{page[Words.TopRisks]}</h2>{(current.RiskFactors.Count == 0 ? none : table)}</section>""";
    }

    private static Html Risk(PageContext page, Period period, RiskFactorCount risk, long most) => $"""
        <tr><td><a href="{CallsPage.PathOf(page, In(page, period).With(CallQuery.RiskFactor, risk.RiskFactor))}">{Hits.In(risk.RiskFactor, []).Excerpt(80)}</a>
        <svg class="share" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect width="{100.0 * risk.Meetings / most}" height="3"/></svg></td>
        <td class="number">{Numbers.Of(risk.Meetings)}</td></tr>
        """;

    private static CallQuery In(PageContext page, Period period) =>
        CallQuery.All.With(CallQuery.From, page.Zone.Rfc3339(period.Current.From));

    private static CallQuery Worst(PageContext page, Period period) => In(page, period).With(CallQuery.CustomerSatisfaction, "E");
}
