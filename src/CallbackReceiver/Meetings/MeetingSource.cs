namespace CallbackReceiver.Meetings;

/// <summary>Where meetings are read from, and what the conditions on them compare.</summary>
/// <param name="From">What stands in <c>FROM</c>.</param>
/// <param name="Alias">The table that has the columns of the conditions and of the order.</param>
internal sealed record MeetingSource(string From, string Alias)
{
    /// <summary>The meetings themselves: all that is committed.</summary>
    public static readonly MeetingSource Meetings = new("meetings m", "m");

    /// <summary>What statistics count: a little behind.</summary>
    public static readonly MeetingSource Facts = new("facts m", "m");

    /// <summary>
    /// The meetings, chosen by their facts, of which many fit a page: for times whose meetings have all been projected, such as sealed blocks.
    /// A meeting that has changed since is not there any more, but at the time of its new analysis.
    /// </summary>
    public static readonly MeetingSource ByFacts = new(
        "facts f JOIN meetings m ON m.workspace_id = f.workspace_id AND m.meeting_id = f.meeting_id AND m.received_at = f.received_at", "f");
}
