using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Meetings;

/// <summary>Which meetings of a workspace are asked for. All that is given must hold.</summary>
internal sealed record MeetingFilter(string WorkspaceId)
{
    private const int MaxTextLength = 1000;

    private static readonly string[] Ratings = ["A", "B", "C", "D", "E", "null"];

    private static readonly QueryParameter CustomerSatisfactionRating = new(
        "customer_satisfaction_rating", "Only meetings of this rating, or of one of these where it is given several times. `null` is no rating.",
        $"expected one of: {string.Join(", ", Ratings)}")
    { Values = Ratings, IsRepeatable = true };

    private static readonly QueryParameter AgentPerformanceRating = CustomerSatisfactionRating with { Name = "agent_performance_rating" };

    private static readonly QueryParameter RiskFactor = new(
        "risk_factor", "Only meetings of exactly this risk factor.", $"expected 1 to {MaxTextLength} characters");

    private static readonly QueryParameter Speaker = new(
        "speaker", "Only meetings in which exactly this speaker speaks.", $"expected 1 to {MaxTextLength} characters");

    private static readonly QueryParameter Text = new(
        "q",
        "Only meetings in whose title, summary, feedback, risk factor or transcript all of these words occur, within longer words as well, in upper or lower case, "
        + "and in whichever of the forms that Unicode has for the same characters. Words between double quotes, straight or typographic, are one phrase; a quote that is "
        + "not closed begins one that goes to the end, and one within a word stands for itself. A meeting can be found within two seconds of its callback.",
        $"expected 1 to {SearchQuery.MaxWords} words, {SearchQuery.MaxLength} characters at most");

    private static readonly QueryParameter ReceivedFrom = new("received_from", "Only meetings whose current analysis was received then or later.", QueryParameter.TimeExpectation);
    private static readonly QueryParameter ReceivedTo = new("received_to", "Only meetings whose current analysis was received before then.", QueryParameter.TimeExpectation);

    public static readonly QueryParameter[] Parameters =
        [CustomerSatisfactionRating, AgentPerformanceRating, RiskFactor, Speaker, Text, ReceivedFrom, ReceivedTo];

    private string[] customerSatisfactionRatings = [];
    private string[] agentPerformanceRatings = [];
    private string? riskFactor;
    private string? speaker;
    private SearchQuery? search;

    /// <summary>When the current analysis was received at the earliest, as far as that is asked for.</summary>
    public DateTime? From { get; init; }

    /// <summary>Before when it was received, as far as that is asked for.</summary>
    public DateTime? To { get; init; }

    /// <summary>When it was received.</summary>
    public TimeRange Received => new(From ?? TimeRange.Always.From, To ?? TimeRange.Always.To);

    public static MeetingFilter Read(string workspaceId, QueryReader query)
    {
        var filter = new MeetingFilter(workspaceId)
        {
            customerSatisfactionRatings = query.ReadValues(CustomerSatisfactionRating),
            agentPerformanceRatings = query.ReadValues(AgentPerformanceRating),
            riskFactor = query.ReadText(RiskFactor, IsText),
            speaker = query.ReadText(Speaker, IsText),
            search = query.ReadText(Text, text => SearchQuery.TryParse(text) is not null) is { } text ? SearchQuery.TryParse(text) : null,
            From = query.ReadTime(ReceivedFrom),
            To = query.ReadTime(ReceivedTo),
        };
        if (filter.From > filter.To)
            query.Refuse(ReceivedFrom, "expected a time that is not after received_to");
        return filter;
    }

    /// <summary>Whether anything but the time is asked for, so that the segments can say where not to look.</summary>
    public bool HasTerms => riskFactor is not null || speaker is not null || search is not null || customerSatisfactionRatings.Length + agentPerformanceRatings.Length > 0;

    public bool HasText => search is not null;

    /// <summary>The words that are searched for, folded; none where no text is.</summary>
    public IReadOnlyList<string> Words => search?.Words ?? [];

    /// <summary>The same filter for one rating by the customer only.</summary>
    public MeetingFilter WithCustomerSatisfaction(string rating) => this with { customerSatisfactionRatings = [rating] };

    /// <summary>Sets of terms: a meeting that is asked for has one of each.</summary>
    public IReadOnlyList<uint[]> TermsToFind()
    {
        var terms = new Terms(WorkspaceId);
        var ofText = new HashSet<int>();
        foreach (var word in search?.Words ?? [])
            terms.AddNGramsToFind(ofText, word);
        Trait[][] kinds =
        [
            [.. customerSatisfactionRatings.Select(rating => new Trait(TraitKind.CustomerSatisfaction, AsStored(rating)))],
            [.. agentPerformanceRatings.Select(rating => new Trait(TraitKind.AgentPerformance, AsStored(rating)))],
            riskFactor is null ? [] : [new Trait(TraitKind.RiskFactor, riskFactor)],
            speaker is null ? [] : [new Trait(TraitKind.Speaker, speaker)],
        ];
        return
        [
            .. ofText.Select(term => new[] { (uint)term }),
            .. kinds.Where(traits => traits.Length > 0).Select(traits => traits.Select(trait => (uint)terms.Of(trait)).ToArray()),
        ];
    }

    /// <summary>Appends the conditions on a meeting <c>m</c>, or its facts, in <c>WHERE</c>; the workspace and the time are the caller's.</summary>
    public void AppendConditions(Sql sql)
    {
        AppendRating(sql, "m.customer_satisfaction_rating", customerSatisfactionRatings);
        AppendRating(sql, "m.agent_performance_rating", agentPerformanceRatings);
        if (riskFactor is not null)
            sql.Append($"AND m.risk_factor = {riskFactor}");
        if (speaker is not null)
            sql.Append($"AND {speaker} = ANY (m.speakers)");
        if (search is null)
            return;

        // A subquery that cannot be flattened: the text is fetched last, and only for the meetings that are left.
        sql.AppendText("AND (SELECT true");
        foreach (var word in search.Words)
            sql.Append($"AND strpos(s.text, {word}) > 0");
        sql.Append($"FROM search s WHERE s.workspace_id = m.workspace_id AND s.meeting_id = m.meeting_id)");
    }

    private static void AppendRating(Sql sql, string column, string[] ratings)
    {
        // The one rating that most ask for is compared without an array, since it is compared with many.
        switch (ratings)
        {
            case []:
                break;
            case ["null"]:
                sql.AppendText($"AND {column} IS NULL");
                break;
            case [var only]:
                sql.AppendText($"AND {column} =").Append($"{only}");
                break;
            default:
                sql.AppendText($"AND ({column} = ANY (").Append($"{ratings}").AppendText(ratings.Contains("null") ? $") OR {column} IS NULL)" : "))");
                break;
        }
    }

    private static string? AsStored(string rating) => rating == "null" ? null : rating;

    private static bool IsText(string text) => text.Length is >= 1 and <= MaxTextLength && !text.Contains('\0', StringComparison.Ordinal);
}
