namespace CallbackReceiver.Storage;

/// <summary>
/// Opens blocks of the search: they are looked at in full until they are sealed again, and what their segments say of them is void from then on.
/// The caller holds the <see cref="FeedLock"/>.
/// </summary>
internal static class BlockOpening
{
    /// <summary>A statement that opens the sealed blocks <c>b</c> of the workspace <c>$1</c> for which the condition holds.</summary>
    /// <remarks>What a row held before is read from the table once more, since an <c>UPDATE</c> returns only what it holds afterwards.</remarks>
    public static string Statement(string condition) => $"""
        WITH opened AS (
            UPDATE search_blocks AS b SET segment_id = NULL, first_place = NULL, meetings = NULL, meeting_ids = NULL
            FROM search_blocks AS before
            WHERE b.workspace_id = $1 AND b.segment_id IS NOT NULL AND before.workspace_id = $1 AND before.from_at = b.from_at AND {condition}
            RETURNING before.segment_id
        )
        UPDATE search_segments AS s SET stale_since = coalesce(s.stale_since, now())
        FROM opened
        WHERE s.workspace_id = $1 AND s.segment_id = opened.segment_id
        """;
}
