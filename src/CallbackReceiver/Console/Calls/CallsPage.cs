using CallbackReceiver.Answers;
using CallbackReceiver.Meetings;

namespace CallbackReceiver.WebConsole.Calls;

/// <summary>The calls of a workspace: filtered, searched, page by page.</summary>
internal static class CallsPage
{
    /// <summary>More calls than these are not counted: a page must not take longer because the list is long.</summary>
    private const int MostCounted = 1000;

    public static async Task<IResult> ShowAsync(
        string workspace_id, HttpContext http, MeetingReader reader, CallExcerpts transcripts, AnswerMemory memory, CancellationToken cancellationToken)
    {
        var page = PageContext.Of(http);
        var asked = CallQuery.Of(http.Request);
        if (asked.Canonical(page.Zone) is { } canonical)
            return TypedResults.LocalRedirect(PathOf(page, canonical));
        var query = new QueryReader(http.Request);
        var filter = MeetingFilter.Read(workspace_id, query);
        var order = SortOrders.Read(query);
        var list = $"{order} {workspace_id}";
        var cursor = query.ReadCursor(list);
        if (query.Problem is { } problem)
            return problem;

        var (calls, next) = await reader.ReadPageAsync(filter, order, cursor, QueryParameter.DefaultLimit, memory.RoomFor(http), cancellationToken);
        var isWhole = next is null && cursor is null;
        var count = isWhole ? calls.Count : filter.HasText ? (int?)null : await reader.CountAsync(filter, MostCounted, cancellationToken);
        var excerpts = await FindInTranscriptsAsync(filter, calls, transcripts, cancellationToken);
        var rows = new CallRows(page, asked, filter.Words, excerpts);
        return Layout.Answer(page, page[Words.Calls], $"""
            <div class="head"><h1>{page[Words.Calls]}</h1><span class="muted">{CountOf(page, count, calls.Count)}</span>{Exports(page, asked)}</div>
            {CallFilterForm.Of(page, asked)}{CallFilterForm.Chips(page, asked)}
            {(calls.Count == 0 ? Nothing(page, asked) : rows.Table(calls))}
            {Pages(page, asked, next?.ToString(list))}
            """);
    }

    public static string PathOf(PageContext page, CallQuery query) => $"{page.WorkspacePath}/calls{query}";

    /// <summary>A long transcript is only looked into where nothing else shows why the call was found.</summary>
    private static Task<Dictionary<string, string>> FindInTranscriptsAsync(
        MeetingFilter filter, List<MeetingView> calls, CallExcerpts transcripts, CancellationToken cancellationToken) => transcripts.FindAsync(
            filter.WorkspaceId,
            filter.HasText ? [.. calls.Where(call => !CallRows.ShowsHit(call, filter.Words)).Select(call => call.MeetingId)] : [],
            filter.HasText ? filter.Words[0] : "",
            cancellationToken);

    private static string CountOf(PageContext page, int? count, int shown) => count switch
    {
        null => page.Say(Words.MoreThan, Numbers.Of(shown)),
        MostCounted => page.Say(Words.MoreThan, Numbers.Of(MostCounted)),
        { } all => Numbers.Of(all),
    };

    private static Html Exports(PageContext page, CallQuery query)
    {
        var export = $"{page.WorkspacePath}/export";
        return $"""
            <span class="end no-print"><a href="{export}{query.Unordered.With("format", "csv").With("bom", "true").ToString()}" download>CSV</a> ·
            <a href="{export}{query.Unordered.With("format", "ndjson").ToString()}" download>NDJSON</a></span>
            """;
    }

    private static Html Nothing(PageContext page, CallQuery query) => query.Conditions.Any()
        ? (Html)$"""<p class="empty">{page[Words.NothingFits]} <a href="{page.WorkspacePath}/calls">{page[Words.ShowAll]}</a></p>"""
        : (Html)$"""<p class="empty">{page[Words.NoCallsYet]} <a href="{page.WorkspacePath}">{page[Words.HowToBegin]}</a></p>""";

    private static Html Pages(PageContext page, CallQuery query, string? next) => $"""
        <nav class="pages no-print" aria-label="{page[Words.Pages]}">
        {(query.HasCursor ? Link(PathOf(page, query.List), "← " + page[Words.FirstPage], "first") : null)}
        {(next is null ? null : Link(PathOf(page, query.WithCursor(next)), page[Words.NextPage] + " →", "next"))}</nav>
        """;

    private static Html Link(string path, string name, string relation) => $"""<a href="{path}" rel="{relation}">{name}</a>""";
}
