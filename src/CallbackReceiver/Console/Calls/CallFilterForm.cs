using CallbackReceiver.Meetings;

namespace CallbackReceiver.WebConsole.Calls;

/// <summary>The form that chooses calls, and the chips that say what is chosen.</summary>
internal static class CallFilterForm
{
    private static readonly string[] InMore = [CallQuery.RiskFactor, CallQuery.Speaker, CallQuery.Sort];

    public static Html Of(PageContext page, CallQuery query) => $"""
        <form class="filters no-print" role="search" action="{page.WorkspacePath}/calls">
        <input type="search" name="{CallQuery.Text}" value="{query[CallQuery.Text]}" maxlength="200" placeholder="{page[Words.SearchHelp]}" aria-label="{page[Words.Search]}" data-search>
        {Ratings(page, query, CallQuery.CustomerSatisfaction, Words.Satisfaction)}{Ratings(page, query, CallQuery.AgentPerformance, Words.Performance)}
        <label>{page[Words.Since]}<input type="date" name="{CallQuery.From}" value="{DateOf(page, query[CallQuery.From], isEnd: false)}"></label>
        <label>{page[Words.Until]}<input type="date" name="{CallQuery.To}" value="{DateOf(page, query[CallQuery.To], isEnd: true)}"></label>
        <button class="primary">{page[Words.Search]}</button>
        {(InMore.Any(name => query[name] is not null) ? More(page, query, "open") : More(page, query, ""))}</form>
        """;

    /// <summary>One for each condition, which takes it away.</summary>
    public static Html? Chips(PageContext page, CallQuery query) =>
        query.Conditions.Any() ? (Html)$"""<p class="chips">{query.Conditions.Select(condition => Chip(page, query, condition))}</p>""" : null;

    private static Html More(PageContext page, CallQuery query, string open)
    {
        Html fields = $"""
            <summary>{page[Words.MoreFilters]}</summary><div>
            <label>{page[Words.RiskFactor]}<input name="{CallQuery.RiskFactor}" value="{query[CallQuery.RiskFactor]}" maxlength="1000"></label>
            <label>{page[Words.Speaker]}<input name="{CallQuery.Speaker}" value="{query[CallQuery.Speaker]}" maxlength="1000"></label>
            <label>{page[Words.Order]}<select name="{CallQuery.Sort}"><option value="">{page[Words.NewestFirst]}</option>{Option(CallQuery.OldestFirst, page[Words.OldestFirst], query.IsOldestFirst)}</select></label></div>
            """;
        return open.Length > 0 ? (Html)$"<details open>{fields}</details>" : (Html)$"<details>{fields}</details>";
    }

    private static Html Ratings(PageContext page, CallQuery query, string name, Word title) => $"""
        <fieldset><legend>{page[title]}</legend>{Rating.All.Select(rating => RatingBox(page, name, rating, query.Has(name, rating)))}</fieldset>
        """;

    private static Html RatingBox(PageContext page, string name, string rating, bool isChosen)
    {
        Html label = $"""<span class="rating {Rating.ClassOf(rating)}" title="{Rating.NameOf(page, rating)}">{(rating == Rating.None ? "–" : rating)}</span>""";
        return isChosen
            ? (Html)$"""<label><input type="checkbox" name="{name}" value="{rating}" checked>{label}</label>"""
            : (Html)$"""<label><input type="checkbox" name="{name}" value="{rating}">{label}</label>""";
    }

    private static Html Option(string value, string name, bool isChosen) =>
        isChosen ? (Html)$"""<option value="{value}" selected>{name}</option>""" : (Html)$"""<option value="{value}">{name}</option>""";

    private static Html Chip(PageContext page, CallQuery query, KeyValuePair<string, string> condition) => $"""
        <span class="chip">{NameOf(page, condition)} <a href="{CallsPage.PathOf(page, query.Without(condition.Key, condition.Value))}" aria-label="{page[Words.Remove]}: {NameOf(page, condition)}">×</a></span>
        """;

    private static string NameOf(PageContext page, KeyValuePair<string, string> condition) => condition.Key switch
    {
        CallQuery.Text => $"“{condition.Value}”",
        CallQuery.CustomerSatisfaction => $"{page[Words.Satisfaction]}: {Rating.NameOf(page, condition.Value)}",
        CallQuery.AgentPerformance => $"{page[Words.Performance]}: {Rating.NameOf(page, condition.Value)}",
        CallQuery.RiskFactor => $"{page[Words.RiskFactor]}: {condition.Value}",
        CallQuery.Speaker => $"{page[Words.Speaker]}: {condition.Value}",
        CallQuery.From => $"{page[Words.Since]} {MomentOf(page, condition.Value, isEnd: false)}",
        _ => $"{page[Words.Until]} {MomentOf(page, condition.Value, isEnd: true)}",
    };

    /// <summary>A day where the time is one's bound, else to the minute.</summary>
    private static string MomentOf(PageContext page, string time, bool isEnd) =>
        Rfc3339.TryParse(time) is not { } utc ? time
        : page.Zone.StartOf(page.Zone.DayOf(utc)) == utc ? DateOf(page, time, isEnd)
        : page.Zone.Minute(utc);

    /// <summary>The last day of a time is the one before its end.</summary>
    private static string DateOf(PageContext page, string? time, bool isEnd) =>
        time is not null && Rfc3339.TryParse(time) is { } utc && utc > DateTime.MinValue ? page.Zone.DateOf(isEnd ? utc.AddTicks(-1) : utc) : "";
}
