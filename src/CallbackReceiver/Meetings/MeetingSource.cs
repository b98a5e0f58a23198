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
    /// <remarks>With <c>OFFSET</c> the facts are chosen first: left to choose, PostgreSQL would begin with the meetings, which have the order's index.</remarks>
    public static readonly MeetingSource ByFacts = new(
        columns => $"SELECT {columns} FROM (SELECT m.workspace_id, m.meeting_id, m.received_at FROM facts m",
        "OFFSET 0) AS f JOIN meetings m ON m.workspace_id = f.workspace_id AND m.meeting_id = f.meeting_id AND m.received_at = f.received_at");

    private readonly Func<string, string> before;

    private MeetingSource(Func<string, string> before, string? after)
    {
        this.before = before;
        After = after;
    }

    /// <summary>What stands between the conditions, with their order, and the order and limit of all; null where that is nothing.</summary>
    public string? After { get; }

    /// <summary>What stands before <c>WHERE</c>.</summary>
    /// <param name="columns">Of a meeting <c>m</c>.</param>
    public string Before(string columns) => before(columns);
}
