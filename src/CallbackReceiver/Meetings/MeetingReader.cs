using System.Runtime.CompilerServices;
using System.Text.Json;
using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings;

/// <summary>Reads the meetings of a filter.</summary>
internal sealed class MeetingReader(ReadDatabase database)
{
    private const int ReadAhead = 2000;

    /// <summary>Of a meeting <c>m</c>, as <see cref="ViewOf"/> reads them.</summary>
    public const string Columns = """
        m.workspace_id, m.meeting_id, m.title, m.summary, m.customer_satisfaction_rating, m.agent_performance_rating, m.agent_performance_feedback,
        m.risk_factor, m.items, m.metadata, m.speakers, m.segments, m.revision, m.delivery_ids[m.revision] AS delivery_id, m.first_received_at, m.received_at
        """;

    /// <summary>Reads a page.</summary>
    /// <param name="filter">Which meetings.</param>
    /// <param name="order">Their order.</param>
    /// <param name="after">The last row of the page before; null for the first page.</param>
    /// <param name="limit">The most meetings of the page.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The page, and whether there is another.</returns>
    public async Task<(List<MeetingView> Meetings, bool IsLast)> ReadPageAsync(
        MeetingFilter filter, SortOrder order, MeetingCursor? after, int limit, CancellationToken cancellationToken)
    {
        var meetings = new List<MeetingView>();
        if (RangeOf(filter, order, after) is { } range)
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await foreach (var step in BlockIndex.StepsAsync(connection, filter, range, order, limit + 1, cancellationToken))
            {
                var source = step.AreSealed ? MeetingSource.ByFacts : MeetingSource.Meetings;
                await foreach (var meeting in ReadAsync(connection, filter, source, step.Ranges, order, after, limit + 1 - meetings.Count, withTranscript: false, cancellationToken))
                    meetings.Add(meeting);
                if (meetings.Count > limit)
                    break;
            }
        }

        var isLast = meetings.Count <= limit;
        if (!isLast)
            meetings.RemoveAt(limit);
        return (meetings, isLast);
    }

    /// <summary>Reads one meeting with its transcript.</summary>
    /// <returns>Null where there is none, and for an id that no text of PostgreSQL can hold.</returns>
    public async Task<MeetingView?> FindAsync(string workspaceId, string meetingId, CancellationToken cancellationToken)
    {
        if (meetingId.Contains('\0', StringComparison.Ordinal))
            return null;
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new Sql()
            .AppendText($"SELECT {Columns}, {StoredMeeting.TranscriptColumns} FROM meetings m")
            .Append($"WHERE m.workspace_id = {workspaceId} AND m.meeting_id = {meetingId}").On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ViewOf(reader, withTranscript: true) : null;
    }

    /// <summary>
    /// Reads all meetings, oldest first, one by one as they come from PostgreSQL. That is asked for some at a time, which the index by time
    /// gives in their order, so that nothing is sorted, no snapshot is kept long, and nothing goes on when the reader has gone away.
    /// </summary>
    public async IAsyncEnumerable<MeetingView> ReadAllAsync(MeetingFilter filter, bool withTranscript, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        foreach (var range in await BlockIndex.AllAsync(connection, filter, filter.Received, SortOrder.OldestFirst, cancellationToken))
        {
            MeetingCursor? last = null;
            for (var read = ReadAhead; read == ReadAhead;)
            {
                read = 0;
                var rest = last is { } after ? range with { From = after.ReceivedAt } : range;
                await foreach (var meeting in ReadAsync(connection, filter, MeetingSource.Meetings, [rest], SortOrder.OldestFirst, last, ReadAhead, withTranscript, cancellationToken))
                {
                    yield return meeting;
                    last = new MeetingCursor(meeting.ReceivedAt, meeting.MeetingId);
                    read++;
                }
            }
        }
    }

    /// <summary>The times at which there may be rows of the page; null where there are none.</summary>
    private static TimeRange? RangeOf(MeetingFilter filter, SortOrder order, MeetingCursor? after)
    {
        if (after is not { ReceivedAt: var at })
            return filter.Received.From < filter.Received.To ? filter.Received : null;
        var next = at < DateTime.MaxValue.AddMicroseconds(-1) ? at.AddMicroseconds(1) : DateTime.MaxValue;
        return filter.Received.Within(order == SortOrder.NewestFirst ? TimeRange.Always with { To = next } : TimeRange.Always with { From = at });
    }

    private static async IAsyncEnumerable<MeetingView> ReadAsync(
        NpgsqlConnection connection, MeetingFilter filter, MeetingSource source, IReadOnlyList<TimeRange> ranges, SortOrder order, MeetingCursor? after, int limit,
        bool withTranscript, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Select(filter, source, ranges, order, after, limit, withTranscript).On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return ViewOf(reader, withTranscript);
    }

    private static Sql Select(
        MeetingFilter filter, MeetingSource source, IReadOnlyList<TimeRange> ranges, SortOrder order, MeetingCursor? after, int limit, bool withTranscript)
    {
        var (before, descending) = order == SortOrder.NewestFirst ? ("<", "DESC") : (">", "");
        var sql = new Sql();
        AppendSelect(
            sql, withTranscript ? $"{Columns}, {StoredMeeting.TranscriptColumns}" : Columns, source, filter, ranges,
            conditions =>
            {
                if (after is { } last)
                    conditions.AppendText($"AND (m.received_at, m.meeting_id) {before}").Append($"({last.ReceivedAt}, {last.MeetingId})");
            },
            tail => tail.AppendText($"ORDER BY m.received_at {descending}, m.meeting_id {descending}").Append($"LIMIT {limit}"),
            facts => facts.AppendText($"ORDER BY m.received_at {descending} FETCH FIRST").Append($"({limit})").AppendText("ROWS WITH TIES"));
        return sql;
    }

    /// <summary>
    /// Appends a <c>SELECT</c> of the filter's meetings in the ranges. Several ranges are read one by one by the index of times: left to choose,
    /// PostgreSQL would rather read the whole workspace, since it does not know how short they are.
    /// </summary>
    /// <param name="sql">Where to append it.</param>
    /// <param name="columns">Of a meeting <c>m</c>, each with a name.</param>
    /// <param name="source">Where the meetings are read from.</param>
    /// <param name="filter">Which meetings; of its time the ranges are what is left.</param>
    /// <param name="ranges">The times to read.</param>
    /// <param name="appendConditions">Appends more conditions, each with <c>AND</c> before it.</param>
    /// <param name="appendTail">Appends what follows the conditions: order and limit, which hold within each range and for all.</param>
    /// <param name="appendFactsTail">
    /// Appends the order and limit of the facts, where the meetings are chosen by them: in the order of time only, which an index may have, so
    /// that no more of them are read than are wanted. Sorted further, PostgreSQL would read all of them where it expects few.
    /// </param>
    public static void AppendSelect(
        Sql sql, string columns, MeetingSource source, MeetingFilter filter, IReadOnlyList<TimeRange> ranges, Action<Sql> appendConditions,
        Action<Sql> appendTail, Action<Sql>? appendFactsTail = null)
    {
        if (ranges is [var only])
        {
            sql.AppendText(source.Before(columns)).AppendText("WHERE m.workspace_id =").Append($"{filter.WorkspaceId}");
            sql.AppendText("AND m.received_at >=").Append($"{only.From}").AppendText("AND m.received_at <").Append($"{only.To}");
            AppendRest();
            return;
        }

        sql.Append($"SELECT m.* FROM unnest({ranges.Select(range => range.From).ToArray()}, {ranges.Select(range => range.To).ToArray()}) AS r (from_at, to_at)");
        sql.AppendText($"CROSS JOIN LATERAL ({source.Before(columns)} WHERE m.workspace_id =").Append($"{filter.WorkspaceId}");
        sql.AppendText("AND m.received_at >= r.from_at AND m.received_at < r.to_at");
        AppendRest();
        sql.AppendText(") AS m");
        appendTail(sql);

        void AppendRest()
        {
            filter.AppendConditions(sql);
            appendConditions(sql);
            if (source.After is { } after)
            {
                appendFactsTail?.Invoke(sql);
                sql.AppendText(after);
            }

            appendTail(sql);
        }
    }

    /// <param name="reader">At a row that begins with <see cref="Columns"/>.</param>
    /// <param name="withTranscript">Whether <see cref="StoredMeeting.TranscriptColumns"/> follow them.</param>
    public static MeetingView ViewOf(NpgsqlDataReader reader, bool withTranscript) => new()
    {
        WorkspaceId = reader.GetString(0),
        MeetingId = reader.GetString(1),
        Title = reader.GetNullableText(2),
        Summary = reader.GetNullableText(3),
        CustomerSatisfactionRating = reader.GetNullableText(4),
        AgentPerformanceRating = reader.GetNullableText(5),
        AgentPerformanceFeedback = reader.GetNullableText(6),
        RiskFactor = reader.GetNullableText(7),
        Items = reader.GetFieldValue<JsonElement>(8),
        Metadata = reader.GetFieldValue<JsonElement>(9),
        Speakers = reader.GetFieldValue<string[]>(10),
        Segments = reader.GetInt32(11),
        Revision = reader.GetInt32(12),
        DeliveryId = reader.GetGuid(13),
        FirstReceivedAt = reader.GetDateTime(14),
        ReceivedAt = reader.GetDateTime(15),
        Transcript = withTranscript ? TranscriptOf(reader) : null,
    };

    private static JsonElement TranscriptOf(NpgsqlDataReader reader) => StoredMeeting.TranscriptOf(
        reader.GetString(0),
        reader.IsDBNull(16) ? null : reader.GetFieldValue<JsonElement>(16),
        reader.IsDBNull(17) ? null : reader.GetFieldValue<byte[]>(17));
}
