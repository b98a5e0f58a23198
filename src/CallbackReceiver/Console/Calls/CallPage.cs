using System.Text;
using CallbackReceiver.Answers;
using CallbackReceiver.Meetings;
using CallbackReceiver.Meetings.Searching;
using Microsoft.Net.Http.Headers;

namespace CallbackReceiver.WebConsole.Calls;

/// <summary>One call: how it was rated and why, and what was said.</summary>
internal static class CallPage
{
    public static readonly QueryParameter Find = new("find", "What to mark in the transcript.", $"expected 1 to {SearchQuery.MaxWords} words, {SearchQuery.MaxLength} characters at most");

    public static string PathOf(PageContext page, string meetingId) => $"{page.WorkspacePath}/calls/{Uri.EscapeDataString(meetingId)}";

    public static async Task<IResult> ShowAsync(
        string workspace_id, MeetingId meeting_id, HttpContext http, MeetingReader reader, AnswerMemory memory, CancellationToken cancellationToken)
    {
        var page = PageContext.Of(http);
        var list = CallQuery.Of(http.Request);
        if (list.Canonical(page.Zone) is { } canonical)
            return TypedResults.LocalRedirect(PathOf(page, meeting_id.Value) + canonical);
        var query = new QueryReader(http.Request);
        var filter = MeetingFilter.Read(workspace_id, query);
        var order = SortOrders.Read(query);
        var find = query.ReadText(Find, text => SearchQuery.TryParse(text) is not null);
        if (query.Problem is { } problem)
            return problem;
        var room = memory.RoomFor(http);
        if (await reader.FindAsync(workspace_id, meeting_id.Value, room, cancellationToken) is not { } call)
            return Problem.NotFound();

        var opposite = order == SortOrder.NewestFirst ? SortOrder.OldestFirst : SortOrder.NewestFirst;
        var previous = await FindNeighbourAsync(opposite);
        var next = await FindNeighbourAsync(order);
        var looked = find ?? list[CallQuery.Text];
        return Layout.Answer(page, TitleOf(call), $"""
            <div class="head"><a class="no-print" href="{CallsPage.PathOf(page, list.List)}">← {page[Words.Calls]}</a><h1>{TitleOf(call)}</h1>
            <span class="end no-print">{Neighbour(page, list, previous, Words.Previous, "prev")} · {Neighbour(page, list, next, Words.Next, "next")} ·
            <a href="{PathOf(page, call.MeetingId)}/transcript" download>{page[Words.PlainText]}</a> <button class="link" data-print hidden>{page[Words.Print]}</button></span></div>
            <div class="call"><div>{Analysis(page, call)}{Tree(page, Words.Items, call.Items, call.Omits("items"))}{Tree(page, Words.Metadata, call.Metadata, call.Omits("metadata"))}{Origin(page, call)}</div>
            {Transcript(page, call, list, looked)}</div>
            """);

        // Each page of a list goes on behind a place: so does the one call that is next, and in the opposite order the one before.
        async Task<string?> FindNeighbourAsync(SortOrder towards)
        {
            var here = new MeetingCursor(new ListPlace(call.ReceivedAt, call.MeetingId), TimeRange.Always.To);
            return (await reader.ReadPageAsync(filter, towards, here, limit: 1, room, cancellationToken)).Meetings.FirstOrDefault()?.MeetingId;
        }
    }

    public static async Task<IResult> DownloadAsync(
        string workspace_id, MeetingId meeting_id, HttpContext http, MeetingReader reader, AnswerMemory memory, CancellationToken cancellationToken)
    {
        if (await reader.FindAsync(workspace_id, meeting_id.Value, memory.RoomFor(http), cancellationToken) is not { Transcript: { } transcript })
            return Problem.NotFound();
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName($"{meeting_id.Value}.txt");
        http.Response.Headers.ContentDisposition = disposition.ToString();
        return TypedResults.Text(TranscriptText.Of(transcript), TranscriptText.ContentType, Encoding.UTF8);
    }

    private static string TitleOf(MeetingView call) => string.IsNullOrWhiteSpace(call.Title) ? call.MeetingId : call.Title;

    private static Html Neighbour(PageContext page, CallQuery list, string? meetingId, Word name, string relation) => meetingId is null
        ? (Html)$"""<span class="muted">{page[name]}</span>"""
        : (Html)$"""<a href="{PathOf(page, meetingId)}{list.List.ToString()}" rel="{relation}">{page[name]}</a>""";

    private static Html Analysis(PageContext page, MeetingView call) => $"""
        <section class="card"><h2>{page[Words.Analysis]}</h2><dl>
        <dt>{page[Words.CustomerSatisfaction]}</dt><dd>{Rating.Badge(page, call.CustomerSatisfactionRating, Words.CustomerSatisfaction)}</dd>
        <dt>{page[Words.AgentPerformance]}</dt><dd>{Rating.Badge(page, call.AgentPerformanceRating, Words.AgentPerformance)} <span class="text">{call.AgentPerformanceFeedback}</span></dd>
        <dt>{page[Words.RiskFactor]}</dt><dd class="risk">{(string.IsNullOrEmpty(call.RiskFactor) ? "–" : call.RiskFactor)}</dd>
        <dt>{page[Words.Summary]}</dt><dd class="text">{(string.IsNullOrEmpty(call.Summary) ? "–" : call.Summary)}</dd></dl></section>
        """;

    private static Html? Tree(PageContext page, Word title, JsonText json, bool isOmitted)
    {
        if (isOmitted)
            return $"""<section class="card"><h2>{page[title]}</h2><p class="muted">{page[Words.CannotBeShown]}</p></section>""";
        return json.Utf8.Span.SequenceEqual(JsonText.EmptyObject.Utf8.Span) ? null : (Html)$"""<section class="card"><h2>{page[title]}</h2>{ItemTree.Of(json)}</section>""";
    }

    private static Html Origin(PageContext page, MeetingView call) => $"""
        <section class="card"><h2>{page[Words.Origin]}</h2><dl>
        <dt>{page[Words.MeetingId]}</dt><dd><code>{call.MeetingId}</code></dd>
        <dt>{page[Words.Received]}</dt><dd>{page.Zone.Second(call.ReceivedAt)} <span class="muted">({page.Zone.Name})</span></dd>
        <dt>{page[Words.FirstReceived]}</dt><dd>{page.Zone.Second(call.FirstReceivedAt)}</dd>
        <dt>{page[Words.Revision]}</dt><dd>{call.Revision}</dd>
        <dt>{page[Words.Delivery]}</dt><dd><code>{call.DeliveryId.ToString()}</code></dd></dl></section>
        """;

    private static Html Transcript(PageContext page, MeetingView call, CallQuery list, string? looked)
    {
        var conversation = Conversation.Of(call.Transcript ?? JsonText.EmptyArray, looked is null ? [] : SearchQuery.TryParse(looked)?.Words ?? []);
        Html found = $"""<span class="jumps">{page.Say(Words.FoundInTurns, Numbers.Of(conversation.Found))} {conversation.Jumps}</span>""";
        Html nothing = $"""<p class="muted">{(call.Omits("transcript") ? page[Words.CannotBeShown] : page[Words.NoTranscript])}</p>""";
        return $"""
            <section class="card transcript"><h2>{page[Words.Transcript]} <span class="muted">{page.Say(Words.Turns, Numbers.Of(call.Segments))}</span></h2>
            <form class="filters no-print" role="search" action="{PathOf(page, call.MeetingId)}">{list.List.Parameters.Select(Hidden)}
            <input type="search" name="{Find.Name}" value="{looked}" maxlength="200" placeholder="{page[Words.FindHelp]}" aria-label="{page[Words.FindHelp]}" data-search><button>{page[Words.Find]}</button>
            {(looked is null ? null : found)}</form>
            {(conversation.Turns.IsNothing ? nothing : conversation.Turns)}</section>
            """;
    }

    private static Html Hidden(KeyValuePair<string, string> parameter) => $"""<input type="hidden" name="{parameter.Key}" value="{parameter.Value}">""";
}
