using System.Data;
using System.Runtime.CompilerServices;
using CallbackReceiver.Answers;
using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings;

/// <summary>Reads the meetings of a filter.</summary>
internal sealed class MeetingReader(ReadDatabase database, AnswerMemory memory)
{
    /// <summary>A page ends before the row that would make it longer, unless that is its first one.</summary>
    private const int MaxPageBytes = 4 * 1024 * 1024;

    private const int ReadAhead = 2000;

    /// <summary>Behind all meetings, at which those that have moved there still come.</summary>
    private static readonly TimeRange BehindAll = new(DateTime.MaxValue, DateTime.MaxValue);

    /// <summary>Reads a page.</summary>
    /// <param name="filter">Which meetings.</param>
    /// <param name="order">Their order.</param>
    /// <param name="after">Where the page before ended; null for the first page.</param>
    /// <param name="limit">The most meetings of the page; there are fewer where they are long.</param>
    /// <param name="room">The memory of the answer.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The page, and where it ended; null for the last page.</returns>
    public async Task<(List<MeetingView> Meetings, MeetingCursor? Next)> ReadPageAsync(
        MeetingFilter filter, SortOrder order, MeetingCursor? after, int limit, AnswerRoom room, CancellationToken cancellationToken)
    {
        if (filter.Received.From >= filter.Received.To)
            return ([], null);
        while (true)
        {
            var page = new MeetingPage(limit, MaxPageBytes, room);
            var startedAt = await FillAsync(page, filter, order, after, cancellationToken);
            if (page.MissingBytes is not { } bytes)
                return (page.Meetings, page.IsLast ? null : new MeetingCursor(page.Last, startedAt));
            await room.WaitAsync(bytes, cancellationToken); // without a connection, which others can use meanwhile
        }
    }

    /// <summary>Counts meetings, up to a bound: a long list is not counted to its end.</summary>
    public async Task<int> CountAsync(MeetingFilter filter, int atMost, CancellationToken cancellationToken)
    {
        if (filter.Received.From >= filter.Received.To)
            return 0;
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var count = 0;
        await foreach (var step in BlockIndex.StepsAsync(connection, filter, filter.Received, SortOrder.NewestFirst, atMost, cancellationToken))
        {
            var sql = new Sql().AppendText("SELECT count(*)::int FROM (");
            AppendSelect(sql, "m.meeting_id", "meetings", filter, step, _ => { }, tail => tail.Append($"LIMIT {atMost - count}"));
            await using var command = sql.AppendText(") AS m").On(connection);
            count += (int)(await command.ExecuteScalarAsync(cancellationToken))!;
            if (count == atMost)
                break;
        }

        return count;
    }

    /// <summary>Reads one meeting with its transcript.</summary>
    /// <returns>Null where there is none, and for an id that no text of PostgreSQL can hold.</returns>
    public async Task<MeetingView?> FindAsync(string workspaceId, string meetingId, AnswerRoom room, CancellationToken cancellationToken)
    {
        if (meetingId.Contains('\0', StringComparison.Ordinal))
            return null;
        while (true)
        {
            var page = new MeetingPage(limit: 1, MaxPageBytes, room);
            await using (var connection = await database.OpenAsync(cancellationToken))
            {
                await page.FillAsync(connection, SelectOne(workspaceId, meetingId, withTranscript: true), withTranscript: true, cancellationToken);
            }

            if (page.MissingBytes is not { } bytes)
                return page.Meetings.SingleOrDefault();
            await room.WaitAsync(bytes, cancellationToken);
        }
    }

    /// <summary>
    /// Reads all meetings, oldest first, one by one as they come from PostgreSQL. That is asked for some at a time, which the index by time
    /// gives in their order, so that nothing is sorted, no snapshot is kept long, and nothing goes on when the reader has gone away.
    /// </summary>
    public async IAsyncEnumerable<MeetingView> ReadAllAsync(
        MeetingFilter filter, bool withTranscript, string reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var room = memory.RoomOf(reader);
        await using var connection = await database.OpenAsync(cancellationToken);
        var startedAt = await ListPlaces.FindNewestAsync(connection, filter.WorkspaceId, cancellationToken);
        var places = new ListPlaces(connection, filter, SortOrder.OldestFirst, startedAt);
        ListPlace? last = null;
        foreach (var (range, meetingIds) in await FindRangesAsync(connection, filter, cancellationToken))
        {
            for (var read = ReadAhead; read == ReadAhead;)
            {
                read = 0;
                await foreach (var (meeting, place) in ReadSomeAsync(connection, filter, places, range, meetingIds, last, withTranscript, room, cancellationToken))
                {
                    yield return meeting;
                    last = place;
                    read++;
                }
            }
        }
    }

    /// <returns>The times in which there may be meetings, each with the only ones that it may be, and what is behind all.</returns>
    private static async Task<List<(TimeRange Range, IReadOnlyList<string>? MeetingIds)>> FindRangesAsync(
        NpgsqlConnection connection, MeetingFilter filter, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var steps = await BlockIndex.AllAsync(connection, filter, filter.Received, SortOrder.OldestFirst, cancellationToken);
        return
        [
            .. steps.SelectMany(step => step.MeetingIds is null ? step.Ranges : [TimeRange.Around(step.Ranges)], (step, range) => (range, step.MeetingIds)),
            (BehindAll, null),
        ];
    }

    /// <summary>Up to <see cref="ReadAhead"/> meetings whose places are before the end of the range, and of those that have not moved the ones in the range.</summary>
    private static async IAsyncEnumerable<(MeetingView Meeting, ListPlace Place)> ReadSomeAsync(
        NpgsqlConnection connection, MeetingFilter filter, ListPlaces places, TimeRange range, IReadOnlyList<string>? meetingIds, ListPlace? after, bool withTranscript, AnswerRoom room,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var left = ReadAhead;
        foreach (var part in await places.CutAsync(after, ReadAhead, cancellationToken))
        {
            foreach (var (times, isNew) in places.TimesOf(part, range))
            {
                var sql = Select(
                    filter, new BlockStep([times], meetingIds), SortOrder.OldestFirst, part, isNew, left, withTranscript);
                await foreach (var meeting in ReadAsync(connection, sql, withTranscript, room, cancellationToken))
                {
                    yield return (meeting, new ListPlace(meeting.ReceivedAt, meeting.MeetingId));
                    left--;
                }

                if (left == 0)
                    yield break;
            }

            if (part.Until is not { } moved || moved.At >= range.To)
                yield break;
            await foreach (var meeting in ReadAsync(connection, SelectOne(filter.WorkspaceId, moved.MeetingId, withTranscript), withTranscript, room, cancellationToken))
                yield return (meeting, moved);
            if (--left == 0)
                yield break;
        }
    }

    /// <returns>When the reading of the list began: <see cref="MeetingCursor.StartedAt"/>.</returns>
    private async Task<DateTime> FillAsync(MeetingPage page, MeetingFilter filter, SortOrder order, MeetingCursor? after, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var startedAt = after?.StartedAt ?? await ListPlaces.FindNewestAsync(connection, filter.WorkspaceId, cancellationToken);
        var places = new ListPlaces(connection, filter, order, startedAt);
        foreach (var part in after is null ? [default] : await places.CutAsync(after?.Place, page.Wanted, cancellationToken))
        {
            await FillAsync(page, connection, filter, places, order, part, cancellationToken);
            if (page.IsFull || part.Until is not { } moved)
                break;
            await page.FillAsync(connection, SelectOne(filter.WorkspaceId, moved.MeetingId, withTranscript: false), withTranscript: false, cancellationToken, moved);
            if (page.IsFull)
                break;
        }

        return startedAt;
    }

    private static async Task FillAsync(
        MeetingPage page, NpgsqlConnection connection, MeetingFilter filter, ListPlaces places, SortOrder order, ListPart part, CancellationToken cancellationToken)
    {
        foreach (var (times, isNew) in places.TimesOf(part, filter.Received))
        {
            await foreach (var step in BlockIndex.StepsAsync(connection, filter, times, order, page.Wanted, cancellationToken))
            {
                await page.FillAsync(connection, Select(filter, step, order, part, isNew, page.Wanted, withTranscript: false), withTranscript: false, cancellationToken);
                if (page.IsFull)
                    return;
            }
        }
    }

    /// <summary>One row is in memory at a time: of the next one no more is read than what the connection reads ahead.</summary>
    private static async IAsyncEnumerable<MeetingView> ReadAsync(
        NpgsqlConnection connection, Sql sql, bool withTranscript, AnswerRoom room, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            room.Dispose(); // the row before is written
            var bytes = await MeetingRow.ReadBytesAsync(reader, cancellationToken);
            if (!room.TryGrow(bytes))
                await room.WaitPatientlyAsync(bytes, cancellationToken);
            yield return await MeetingRow.ReadAsync(reader, withTranscript, cancellationToken);
        }
    }

    private static Sql SelectOne(string workspaceId, string meetingId, bool withTranscript) => new Sql()
        .AppendText($"SELECT {(withTranscript ? MeetingRow.ColumnsWithTranscript : MeetingRow.Columns)} FROM meetings m")
        .Append($"WHERE m.workspace_id = {workspaceId} AND m.meeting_id = {meetingId}");

    private static Sql Select(
        MeetingFilter filter, BlockStep step, SortOrder order, ListPart part, bool onlyUnmoved, int limit, bool withTranscript)
    {
        var (later, direction) = order.InSql;
        var sql = new Sql();
        AppendSelect(
            sql, withTranscript ? MeetingRow.ColumnsWithTranscript : MeetingRow.Columns, "meetings", filter, step,
            conditions =>
            {
                if (part.After is { } after)
                    conditions.AppendText($"AND (m.received_at, m.meeting_id) {later}").Append($"({after.At}, {after.MeetingId})");
                if (part.Until is { } until)
                    conditions.Append($"AND ({until.At}, {until.MeetingId})").AppendText($"{later} (m.received_at, m.meeting_id)");
                if (onlyUnmoved)
                    conditions.AppendText($"AND {ListPlaces.IsUnmoved}");
            },
            tail => tail.AppendText($"ORDER BY m.received_at {direction}, m.meeting_id {direction}").Append($"LIMIT {limit}"));
        return sql;
    }

    /// <summary>
    /// Appends a <c>SELECT</c> of the filter's meetings in the ranges. Several ranges are read one by one by the index of times: left to choose,
    /// PostgreSQL would rather read the whole workspace, since it does not know how short they are.
    /// </summary>
    /// <param name="sql">Where to append it.</param>
    /// <param name="columns">Of a meeting <c>m</c>, each with a name.</param>
    /// <param name="table">Where the meetings are read from: <c>meetings</c>, or <c>facts</c> for what is counted.</param>
    /// <param name="filter">Which meetings; of its time the step is what is left.</param>
    /// <param name="step">Where to look.</param>
    /// <param name="appendConditions">Appends more conditions, each with <c>AND</c> before it.</param>
    /// <param name="appendTail">Appends what follows the conditions: order and limit, which hold within each range and for all.</param>
    public static void AppendSelect(
        Sql sql, string columns, string table, MeetingFilter filter, BlockStep step, Action<Sql> appendConditions, Action<Sql> appendTail)
    {
        var ranges = step.MeetingIds is null ? step.Ranges : [TimeRange.Around(step.Ranges)];
        if (ranges is [var only])
        {
            sql.AppendText($"SELECT {columns} FROM {table} m WHERE m.workspace_id =").Append($"{filter.WorkspaceId}");
            sql.AppendText("AND m.received_at >=").Append($"{only.From}").AppendText("AND m.received_at <").Append($"{only.To}");
            AppendRest();
            return;
        }

        sql.Append($"SELECT m.* FROM unnest({ranges.Select(range => range.From).ToArray()}, {ranges.Select(range => range.To).ToArray()}) AS r (from_at, to_at)");
        sql.AppendText($"CROSS JOIN LATERAL (SELECT {columns} FROM {table} m WHERE m.workspace_id =").Append($"{filter.WorkspaceId}");
        sql.AppendText("AND m.received_at >= r.from_at AND m.received_at < r.to_at");
        AppendRest();
        sql.AppendText(") AS m");
        appendTail(sql);

        void AppendRest()
        {
            if (step.MeetingIds is { } ids)
                sql.Append($"AND m.meeting_id = ANY ({ids.ToArray()})");
            filter.AppendConditions(sql);
            appendConditions(sql);
            appendTail(sql);
        }
    }
}
