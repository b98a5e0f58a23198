using CallbackReceiver.Meetings;

namespace CallbackReceiver.WebConsole.Calls;

/// <summary>Calls as rows of a table. Each leads to the call, in the list that it stands in.</summary>
/// <param name="page">For whom.</param>
/// <param name="list">The list.</param>
/// <param name="words">What is searched for, folded.</param>
/// <param name="excerpts">What was found in transcripts, by the call's id.</param>
internal sealed class CallRows(PageContext page, CallQuery list, IReadOnlyList<string> words, IReadOnlyDictionary<string, string> excerpts)
{
    private const int LineLength = 150;
    private const int NamesLength = 60;

    /// <summary>Whether a reader sees in the row why the call was found.</summary>
    public static bool ShowsHit(MeetingView call, IReadOnlyList<string> words) =>
        new[] { call.Title, call.Summary, call.AgentPerformanceFeedback, call.RiskFactor }.Any(text => Hits.In(text, words).Count > 0);

    public Html Table(IReadOnlyList<MeetingView> calls) => $"""
        <table class="calls"><thead><tr><th>{page[Words.Received]}</th><th title="{page[Words.CustomerSatisfaction]}">{page[Words.Satisfaction]}</th>
        <th title="{page[Words.AgentPerformance]}">{page[Words.Performance]}</th><th>{page[Words.Call]}</th><th>{page[Words.RiskFactor]}</th><th>{page[Words.Speakers]}</th></tr></thead>
        <tbody>{calls.Select(Row)}</tbody></table>
        """;

    private Html Row(MeetingView call) => $"""
        <tr><td class="time">{page.Zone.Minute(call.ReceivedAt)}</td><td>{Rating.Badge(page, call.CustomerSatisfactionRating, Words.CustomerSatisfaction)}</td>
        <td>{Rating.Badge(page, call.AgentPerformanceRating, Words.AgentPerformance)}</td>
        <td class="wide"><a href="{CallPage.PathOf(page, call.MeetingId)}{list.List.ToString()}">{TitleOf(call)}</a><span class="line">{LineOf(call)}</span></td>
        <td class="risk">{Hits.In(call.RiskFactor, words).Excerpt(NamesLength)}</td><td class="names">{Hits.In(string.Join(", ", call.Speakers), []).Excerpt(NamesLength)}</td></tr>
        """;

    private Html TitleOf(MeetingView call) =>
        string.IsNullOrWhiteSpace(call.Title) ? (Html)$"<code>{call.MeetingId}</code>" : Hits.In(call.Title, words).Excerpt(LineLength);

    /// <summary>The hit in its context; without one the beginning of the summary.</summary>
    private Html LineOf(MeetingView call)
    {
        var found = new[] { call.Summary, call.AgentPerformanceFeedback, excerpts.GetValueOrDefault(call.MeetingId) }
            .Select(text => Hits.In(text, words)).FirstOrDefault(hits => hits.Count > 0);
        return (found ?? Hits.In(call.Summary, [])).Excerpt(LineLength);
    }
}
