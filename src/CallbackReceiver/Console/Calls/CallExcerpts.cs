using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Storage;

namespace CallbackReceiver.WebConsole.Calls;

/// <summary>Finds a word in the transcripts of calls, as search has them: without reading the transcripts themselves.</summary>
internal sealed class CallExcerpts(ReadDatabase database)
{
    private const int Before = 60;
    private const int Length = 300;

    /// <summary>What is said around the first occurrence of a word in each of some calls, folded.</summary>
    public async Task<Dictionary<string, string>> FindAsync(string workspaceId, string[] meetingIds, string word, CancellationToken cancellationToken)
    {
        var excerpts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (meetingIds.Length == 0)
            return excerpts;
        var sql = new Sql().Append($"""
            SELECT s.meeting_id, substr(s.text, greatest(1, strpos(s.text, {word}) - {Before}), {Length}) FROM search s
            WHERE s.workspace_id = {workspaceId} AND s.meeting_id = ANY ({meetingIds}) AND strpos(s.text, {word}) > 0
            """);
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            excerpts.Add(reader.GetString(0), SegmentWith(word, reader.GetString(1)));
        return excerpts;
    }

    /// <summary>Of several segments of a transcript the one that has the word.</summary>
    private static string SegmentWith(string word, string text) =>
        Array.Find(text.Split(FoldedText.Separator), segment => segment.Contains(word, StringComparison.Ordinal)) ?? text;
}
