using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>What the ledger notes of a body's content.</summary>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="EventName">The event, where the body names one.</param>
/// <param name="MeetingId">The meeting, where the body names one.</param>
/// <param name="Errors">Why it does not fit the schema.</param>
internal readonly record struct LedgerContent(Outcome Outcome, string? EventName, string? MeetingId, IReadOnlyList<SchemaError>? Errors = null)
{
    public string? ErrorsJson => Errors is null ? null : JsonSerializer.Serialize(Errors, ReceiptJson.Default.IReadOnlyListSchemaError);

    public static LedgerContent Of(ParsedCallback callback) => callback switch
    {
        ParsedCallback.Analysed { Analysis: var analysis } => new(Outcome.Stored, CallbackParser.AnalysisFinished, analysis.MeetingId),
        ParsedCallback.OtherEvent other => new(Outcome.Ignored, other.EventName, other.MeetingId),
        ParsedCallback.Unfit unfit => new(Outcome.Quarantined, unfit.EventName, unfit.MeetingId, unfit.Errors),
        ParsedCallback.Erased erased => new(Outcome.Erased, EventName: null, erased.MeetingId),
        _ => throw new ArgumentException("A body that names another workspace is not kept.", nameof(callback)),
    };
}
