using System.Linq.Expressions;
using System.Text.Json;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Meetings;

/// <summary>
/// A meeting with all that its transcript is read from. As long as the ledger keeps the body that brought the current analysis, the transcript
/// is stored there only, and read from it; when the body is cleared by age, or a version before this one stored the meeting, it is in the
/// meeting's row.
/// </summary>
/// <param name="Meeting">The meeting.</param>
/// <param name="Body">The body; null where the row has the transcript.</param>
internal sealed record StoredMeeting(Meeting Meeting, byte[]? Body)
{
    /// <summary>Of a meeting <c>m</c>: what <see cref="TranscriptOf"/> takes.</summary>
    public const string TranscriptColumns = """
        m.transcript, CASE WHEN m.transcript IS NULL THEN
            (SELECT d.body FROM deliveries AS d WHERE d.workspace_id = m.workspace_id AND d.delivery_id = m.delivery_ids[m.revision]) END AS body
        """;

    public JsonElement Transcript => TranscriptOf(Meeting.WorkspaceId, Meeting.Transcript, Body);

    public MeetingView View => MeetingView.Of(Meeting) with { Transcript = Transcript };

    public static Expression<Func<Meeting, StoredMeeting>> From(ReceiverDbContext context) => meeting => new StoredMeeting(
        meeting,
        meeting.Transcript == null
            ? context.Deliveries
                .Where(delivery => delivery.WorkspaceId == meeting.WorkspaceId && delivery.DeliveryId == meeting.DeliveryIds[meeting.Revision - 1])
                .Select(delivery => delivery.Body)
                .FirstOrDefault()
            : null);

    /// <returns>An array of segments; an empty one where somebody has removed the body by hand.</returns>
    public static JsonElement TranscriptOf(string workspaceId, JsonElement? transcript, byte[]? body) =>
        transcript ?? JsonElement.Parse(((body is null ? null : CallbackParser.ReadStored(workspaceId, body))?.Transcript ?? Analysis.NoTranscript).Span);
}
