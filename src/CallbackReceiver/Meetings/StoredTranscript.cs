using CallbackReceiver.Answers;
using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Meetings;

/// <summary>
/// Where a meeting's transcript is read from. As long as the ledger keeps the body that brought the current analysis, the transcript is stored
/// there only, and read from it; when the body is cleared by age, or a version before this one stored the meeting, it is in the meeting's row.
/// </summary>
internal static class StoredTranscript
{
    /// <summary>Of a meeting <c>m</c>: its transcript, or the body that has it.</summary>
    public const string Columns = """
        m.transcript, CASE WHEN m.transcript IS NULL THEN
            (SELECT d.body FROM deliveries AS d WHERE d.workspace_id = m.workspace_id AND d.delivery_id = m.delivery_ids[m.revision]) END AS body
        """;

    /// <summary>Of a meeting <c>m</c>: how many bytes the <see cref="Columns"/> have.</summary>
    public const string Bytes = """
        CASE WHEN m.transcript IS NOT NULL THEN octet_length(m.transcript::text) ELSE
            coalesce((SELECT octet_length(d.body) FROM deliveries AS d WHERE d.workspace_id = m.workspace_id AND d.delivery_id = m.delivery_ids[m.revision]), 0) END
        """;

    /// <returns>Null where somebody has removed the body by hand, or what there is cannot be read.</returns>
    public static JsonText? Read(string workspaceId, byte[]? transcript, byte[]? body)
    {
        if (transcript is not null)
            return JsonText.TryParse(transcript);
        return body is not null && CallbackParser.ReadStored(workspaceId, body) is { } analysis ? JsonText.TryParse(analysis.Transcript.Span) : null;
    }
}
