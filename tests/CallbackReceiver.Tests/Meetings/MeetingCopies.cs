using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Many meetings at once, as if each had been received: copies of one that was.</summary>
internal static class MeetingCopies
{
    private const string Insert = """
        WITH copied AS (
            INSERT INTO meetings
            SELECT copy.*
            FROM meetings m
            CROSS JOIN unnest($2::text[]) AS change
            CROSS JOIN LATERAL jsonb_populate_record(m, jsonb_build_object('delivery_ids', ARRAY[gen_random_uuid()]) || change::jsonb) AS copy
            WHERE m.workspace_id = 'demo' AND m.meeting_id = $1
            RETURNING workspace_id, delivery_ids[revision] AS delivery_id, meeting_id)
        INSERT INTO changes SELECT workspace_id, delivery_id, meeting_id, false FROM copied
        """;

    /// <summary>Copies a meeting of the workspace <c>demo</c>, each copy with an id and columns of its own.</summary>
    /// <param name="receiver">Where it is.</param>
    /// <param name="meetingId">Which it is.</param>
    /// <param name="copies">The columns that differ, by their names; <c>meeting_id</c> must be one.</param>
    public static async Task AddAsync(Receiver receiver, string meetingId, IEnumerable<object> copies) =>
        await receiver.QueryAsync(Insert, meetingId, copies.Select(copy => JsonSerializer.Serialize(copy)).ToArray());

    /// <summary>Waits until all can be searched.</summary>
    public static Task UntilProjectedAsync(Receiver receiver) =>
        Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM changes") == 0, "all is projected");
}
