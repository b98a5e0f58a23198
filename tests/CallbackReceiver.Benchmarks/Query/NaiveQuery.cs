namespace CallbackReceiver.Benchmarks.Query;

/// <summary>A query as somebody would write it who knows no index: the count that an answer is held against, and the time it is compared with.</summary>
/// <param name="Sql">Gives one number.</param>
/// <param name="Parameters">Of <c>$1</c> onwards.</param>
internal sealed record NaiveQuery(string Sql, params object[] Parameters)
{
    /// <summary>All that a search looks at. The transcript's names of members and speakers are no text that is sought.</summary>
    private const string Text = "concat_ws(' ', title, summary, agent_performance_feedback, risk_factor, transcript::text)";

    /// <summary>Counts the meetings of a workspace.</summary>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="condition">A condition more, over <c>$2</c> onwards.</param>
    /// <param name="parameters">Of <c>$2</c> onwards.</param>
    public static NaiveQuery Count(string workspaceId, string condition = "true", params object[] parameters) =>
        new($"SELECT count(*) FROM meetings WHERE workspace_id = $1 AND {condition}", [workspaceId, .. parameters]);

    /// <summary>Counts the meetings of a workspace that hold all the texts: LIKE, and ILIKE where letters have a case.</summary>
    public static NaiveQuery Search(string workspaceId, params string[] texts) => Count(
        workspaceId,
        string.Join(" AND ", texts.Select((text, index) => $"{Text} {(text.Any(char.IsAsciiLetter) ? "ILIKE" : "LIKE")} ${index + 2}")),
        [.. texts.Select(text => $"%{text}%")]);

    /// <summary>Groups the meetings of a time as the statistics do.</summary>
    public static NaiveQuery Statistics(string workspaceId, DateTime from, DateTime to, string interval, string timeZone) => new(
        """
        SELECT sum(meetings)::bigint
        FROM (
            SELECT date_trunc($4, received_at AT TIME ZONE $5), customer_satisfaction_rating, agent_performance_rating, risk_factor, count(*) AS meetings
            FROM meetings
            WHERE workspace_id = $1 AND received_at >= $2 AND received_at < $3
            GROUP BY 1, 2, 3, 4
        ) AS groups
        """,
        workspaceId, from, to, interval, timeZone);
}
