using System.Data;
using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Folds anew what another version of the service folded, be it before an upgrade or beside this one during it. A row of <c>search</c> that
/// this version wrote has a hash of its text and of the folding's number. Whoever does not know of the hash leaves one that is missing or wrong,
/// and PostgreSQL itself puts the row into the index of what is to be folded.
/// </summary>
internal sealed class Refolding(BackgroundDatabase dataSource)
{
    /// <summary>The hash of a row that is folded as this version does.</summary>
    public const string Hash = $"hashtextextended(text, {FoldedText.Version})";

    /// <summary>As the index has it: PostgreSQL takes an index of some rows only where it is asked for just these.</summary>
    public const string IsToFold = $"(folded IS NULL OR folded <> {Hash})";

    /// <summary>As many as a sealed block has, or half of them.</summary>
    private const int MaxMeetings = 128;

    /// <summary>Of texts read, so that a step is short and takes little memory.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    // One statement for all workspaces: usually none has any.
    private const string SelectWorkspaces = $"SELECT DISTINCT workspace_id FROM search WHERE {IsToFold}";

    private const string SelectFirst = $"""
        SELECT s.meeting_id, b.from_at, b.to_at
        FROM (SELECT meeting_id FROM search WHERE workspace_id = $1 AND {IsToFold} ORDER BY meeting_id LIMIT 1) s
        LEFT JOIN meetings m ON m.workspace_id = $1 AND m.meeting_id = s.meeting_id
        LEFT JOIN search_blocks b ON b.workspace_id = $1 AND b.from_at = (SELECT max(from_at) FROM search_blocks WHERE workspace_id = $1 AND from_at <= m.received_at)
        """;

    private const string SelectTexts = $"""
        SELECT m.meeting_id, s.text
        FROM meetings m
        JOIN search s ON s.workspace_id = m.workspace_id AND s.meeting_id = m.meeting_id
        WHERE m.workspace_id = $1 AND m.received_at >= $2 AND m.received_at < $3 AND {IsToFold}
        ORDER BY m.received_at
        LIMIT $4
        """;

    private const string Confirm = $"UPDATE search SET folded = {Hash} WHERE workspace_id = $1 AND meeting_id = ANY ($2)";

    private const string Replace = $"""
        UPDATE search s SET text = n.text, folded = hashtextextended(n.text, {FoldedText.Version})
        FROM unnest($2, $3) AS n (meeting_id, text)
        WHERE s.workspace_id = $1 AND s.meeting_id = n.meeting_id
        """;

    private static readonly string OpenBlock = BlockOpening.Statement("b.from_at = $2");

    // A version that did not know the search erased the meeting.
    private const string DeleteText = "DELETE FROM search WHERE workspace_id = $1 AND meeting_id = $2";

    /// <returns>The workspaces that have texts to fold.</returns>
    public Task<List<string>> FindAsync(CancellationToken cancellationToken) => Projector.ListAsync(dataSource, SelectWorkspaces, cancellationToken);

    /// <summary>
    /// Folds some texts of one block of time, so that each block is opened and sealed again once, and not for each of its meetings.
    /// Of most texts nothing changes, and only the hash is written.
    /// </summary>
    /// <returns>Whether there may be more to fold.</returns>
    public async Task<bool> FoldAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FeedLock.TryTakeAsync(connection, workspaceId, cancellationToken) is null
            || await ReadFirstAsync(connection, workspaceId, cancellationToken) is not var (meetingId, block))
        {
            return false;
        }

        if (block is null)
            await ExecuteAsync(connection, DeleteText, cancellationToken, new() { Value = workspaceId }, new() { Value = meetingId });
        else
            await FoldAsync(connection, workspaceId, block, cancellationToken);
        await DurableCommit.RunAsync(connection);
        return true;
    }

    private static async Task FoldAsync(NpgsqlConnection connection, string workspaceId, TimeRange block, CancellationToken cancellationToken)
    {
        var (unchanged, changed) = await ReadTextsAsync(connection, workspaceId, block, cancellationToken);
        await ExecuteAsync(connection, Confirm, cancellationToken, new() { Value = workspaceId }, ArrayColumn.Of(unchanged, NpgsqlDbType.Text, meetingId => meetingId));
        if (changed.Count == 0)
            return;
        await ExecuteAsync(connection, Replace, cancellationToken,
            new() { Value = workspaceId },
            ArrayColumn.Of(changed, NpgsqlDbType.Text, meeting => meeting.Id),
            ArrayColumn.Of(changed, NpgsqlDbType.Text, meeting => meeting.Text.Memory));
        await ExecuteAsync(connection, OpenBlock, cancellationToken, new() { Value = workspaceId }, At(block.From));
        foreach (var (_, text) in changed)
            text.Dispose();
    }

    /// <returns>The first meeting to fold, and the block that it is in; no block where there is no such meeting.</returns>
    private static async Task<(string MeetingId, TimeRange? Block)?> ReadFirstAsync(NpgsqlConnection connection, string workspaceId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectFirst, connection) { Parameters = { new() { Value = workspaceId } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return (reader.GetString(0), reader.IsDBNull(1) ? null : new TimeRange(reader.GetDateTime(1), reader.GetDateTime(2)));
    }

    private static async Task<(List<string> Unchanged, List<(string Id, LongValue<byte> Text)> Changed)> ReadTextsAsync(
        NpgsqlConnection connection, string workspaceId, TimeRange block, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectTexts, connection)
        {
            Parameters = { new() { Value = workspaceId }, At(block.From), At(block.To), new() { Value = MaxMeetings } },
        };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        var (unchanged, changed) = (new List<string>(), new List<(string, LongValue<byte>)>());
        for (var bytes = 0; bytes < MaxBytes && await reader.ReadAsync(cancellationToken);)
        {
            var meetingId = reader.GetString(0);
            using var text = await LongValue.ReadBytesAsync(reader, 1, cancellationToken);
            var folded = FoldedText.Again(text.Span);
            bytes += folded.Span.Length;
            if (!folded.Span.SequenceEqual(text.Span))
            {
                changed.Add((meetingId, folded));
                continue;
            }

            unchanged.Add(meetingId);
            folded.Dispose();
        }

        return (unchanged, changed);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter<DateTime> At(DateTime time) => new() { TypedValue = time, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
