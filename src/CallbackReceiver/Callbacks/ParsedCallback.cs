namespace CallbackReceiver.Callbacks;

/// <summary>What a signed body turned out to be.</summary>
internal abstract record ParsedCallback
{
    private ParsedCallback()
    {
    }

    /// <summary>A finished analysis.</summary>
    public sealed record Analysed(Analysis Analysis) : ParsedCallback;

    /// <summary>A well-formed envelope of an event that is not a finished analysis.</summary>
    public sealed record OtherEvent(string EventName, string? MeetingId, IReadOnlyList<string>? OtherMeetings = null) : ParsedCallback;

    /// <summary>A body that does not fit the schema, for at least one reason.</summary>
    public sealed record Unfit(
        IReadOnlyList<SchemaError> Errors, string? EventName = null, string? MeetingId = null, IReadOnlyList<string>? OtherMeetings = null) : ParsedCallback;

    /// <summary>A body of a meeting that was erased after the body had been received. What it says is not kept.</summary>
    public sealed record Erased(string MeetingId) : ParsedCallback;

    /// <summary>A body that names a workspace other than the one whose key signed it. It is not kept.</summary>
    public sealed record OtherWorkspace : ParsedCallback;
}

/// <summary>Why a body does not fit the schema.</summary>
/// <param name="Path">A JSON pointer (RFC 6901) into the body; a payload sent as a string of JSON is pointed into as if it were an object.</param>
/// <param name="Reason">What is wrong there, in words that quote nothing of the body.</param>
internal sealed record SchemaError(string Path, string Reason);
