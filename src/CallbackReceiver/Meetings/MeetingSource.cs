namespace CallbackReceiver.Meetings;

/// <summary>Where meetings are read from: a <c>SELECT</c> whose conditions are on <c>m</c>.</summary>
internal sealed class MeetingSource
{
    /// <summary>The meetings themselves: all that is committed.</summary>
    public static readonly MeetingSource Meetings = new(columns => $"SELECT {columns} FROM meetings m", after: null);

    /// <summary>What statistics count: a little behind.</summary>
    public static readonly MeetingSource Facts = new(columns => $"SELECT {columns} FROM facts m", after: null);

    /// <summary>
    /// The meetings, chosen by their facts, of which many fit a page: for times whose meetings have all been projected, such as sealed blocks.
    /// A meeting that has changed since is not there any more, but at the time of its new analysis.
    /// </summary>
    /// <remarks>
    /// <c>OFFSET</c> keeps PostgreSQL from beginning with the meetings, whose index has the order as well: it goes through the facts in their
    /// order, looks up a meeting where they fit, and ends with the limit.
    /// </remarks>
    public static readonly MeetingSource ByFacts = new(
        columns => $"""
            SELECT {columns} FROM (SELECT whole.* FROM facts m CROSS JOIN LATERAL (
                SELECT * FROM meetings whole
                WHERE whole.workspace_id = m.workspace_id AND whole.meeting_id = m.meeting_id AND whole.received_at = m.received_at
                OFFSET 0) AS whole
            """,
        ") AS m");

    private readonly Func<string, string> before;

    private MeetingSource(Func<string, string> before, string? after)
    {
        this.before = before;
        After = after;
    }

    /// <summary>What stands after the conditions and their order and limit, and wants order and limit once more; null where that is nothing.</summary>
    public string? After { get; }

    /// <summary>What stands before <c>WHERE</c>.</summary>
    /// <param name="columns">Of a meeting <c>m</c>.</param>
    public string Before(string columns) => before(columns);
}
