using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>What the ledger notes of a body's content.</summary>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="EventName">The event, where the body names one.</param>
/// <param name="MeetingId">The meeting, where the body names one.</param>
/// <param name="Errors">Why it does not fit the schema.</param>
/// <param name="OtherMeetings">Further meetings that it names, where it is no analysis.</param>
internal readonly record struct LedgerContent(
    Outcome Outcome, string? EventName, string? MeetingId, IReadOnlyList<SchemaError>? Errors = null, IReadOnlyList<string>? OtherMeetings = null)
{
    /// <summary>Beside the errors of a body that names several meetings: an erasure looks into it, whichever of them is erased.</summary>
    public static readonly SchemaError NamesSeveral = new("/meeting_id", "the body names several meetings");

    /// <summary>Every meeting that the body names.</summary>
    public IEnumerable<string> Meetings => MeetingId is null ? [] : OtherMeetings is null ? [MeetingId] : [MeetingId, .. OtherMeetings];

    public string? ErrorsJson => (Errors, OtherMeetings) switch
    {
        (null, null) => null,
        (_, null) => JsonOf(Errors!),
        _ => JsonOf([.. Errors ?? [], NamesSeveral]),
    };

    public static LedgerContent Of(ParsedCallback callback) => callback switch
    {
        ParsedCallback.Analysed { Analysis: var analysis } => new(Outcome.Stored, CallbackParser.AnalysisFinished, analysis.MeetingId),
        ParsedCallback.OtherEvent other => new(Outcome.Ignored, other.EventName, other.MeetingId, OtherMeetings: other.OtherMeetings),
        ParsedCallback.Unfit unfit => new(Outcome.Quarantined, unfit.EventName, unfit.MeetingId, unfit.Errors, unfit.OtherMeetings),
        ParsedCallback.Erased erased => new(Outcome.Erased, EventName: null, erased.MeetingId),
        _ => throw new ArgumentException("A body that names another workspace is not kept.", nameof(callback)),
    };

    private static string JsonOf(IReadOnlyList<SchemaError> errors) => JsonSerializer.Serialize(errors, ReceiptJson.Default.IReadOnlyListSchemaError);
}
