using System.Data;
using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Statistics;

/// <summary>
/// Counts the meetings of a filter. Their facts are counted here as they come, which is twice as fast as grouping them in PostgreSQL; names that
/// are too many for that are grouped there all the same, in its bounded memory.
/// </summary>
internal sealed class StatisticsReader(ReadDatabase database)
{
    // What is much longer than anybody can filter by is counted by its beginning: a few names of megabytes would take all the memory.
    private const string RiskFactor = "CASE WHEN octet_length(m.risk_factor) <= 4096 THEN m.risk_factor ELSE left(m.risk_factor, 4096) END AS risk_factor";

    private const string Columns = $"m.received_at, m.customer_satisfaction_rating, m.agent_performance_rating, {RiskFactor}, m.speakers";
    private const string ColumnsToCount = $"m.received_at, m.customer_satisfaction_rating, m.agent_performance_rating, {RiskFactor}, array_send(m.speakers) AS speakers";

    // Two parts, told apart by the first column: risk factors per interval and of all, and speakers.
    private const string SelectTopRiskFactors = """
        SELECT 'risk_factor', bucket, risk_factor, NULL, NULL, meetings FROM (
            SELECT bucket, risk_factor, count(*) AS meetings, row_number() OVER (PARTITION BY bucket ORDER BY count(*) DESC, risk_factor COLLATE "C") AS place
            FROM chosen WHERE risk_factor IS NOT NULL GROUP BY GROUPING SETS ((bucket, risk_factor), (risk_factor))) AS ranked
        """;

    private const string CountSpeakers = """
        , speakers AS (
            SELECT left(speaker, 4096) AS speaker, customer_satisfaction_rating, agent_performance_rating, count(*) AS meetings
            FROM chosen, unnest(chosen.speakers) AS speaker
            GROUP BY left(speaker, 4096), customer_satisfaction_rating, agent_performance_rating)
        """;

    private const string SelectTopSpeakers = """
        SELECT 'speaker', NULL, speaker, customer_satisfaction_rating, agent_performance_rating, meetings FROM speakers
        WHERE speaker IN (SELECT speaker FROM speakers GROUP BY speaker ORDER BY sum(meetings) DESC, speaker COLLATE "C"
        """;

    /// <summary>Counts.</summary>
    /// <param name="filter">Which meetings.</param>
    /// <param name="calendar">The intervals.</param>
    /// <param name="bounds">The moments at which they begin and end.</param>
    /// <param name="cancellationToken">Ends the counting.</param>
    public async Task<StatisticsView> ReadAsync(MeetingFilter filter, Calendar calendar, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancellationToken)
    {
        var counts = new MeetingCounts(bounds);
        if (filter.Received.From < filter.Received.To)
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            if (await BlockIndex.AllAsync(connection, filter, filter.Received, SortOrder.OldestFirst, cancellationToken) is { Count: > 0 } steps)
                await CountAsync(connection, filter, steps, bounds, counts, cancellationToken);
        }

        return counts.ToView(filter, calendar);
    }

    private static async Task CountAsync(
        NpgsqlConnection connection, MeetingFilter filter, IReadOnlyList<BlockStep> steps, IReadOnlyList<DateTimeOffset> bounds, MeetingCounts counts,
        CancellationToken cancellationToken)
    {
        foreach (var step in Joined(steps))
            await ReadAsync(connection, SelectFacts(filter, step), CountMeeting, cancellationToken);
        if (counts.HasTooManyNames)
            await ReadAsync(connection, SelectTopNames(filter, InOne(steps), bounds), CountName, cancellationToken);

        void CountMeeting(NpgsqlDataReader row) =>
            counts.Add(row.GetDateTime(0), RatingOf(row, 1), RatingOf(row, 2), row.GetNullableText(3), row.GetFieldValue<byte[]>(4));

        void CountName(NpgsqlDataReader row)
        {
            if (row.GetString(0) == "speaker")
                counts.AddSpeaker(row.GetString(2), RatingOf(row, 3), RatingOf(row, 4), row.GetInt64(5));
            else
                counts.AddRiskFactor(row.IsDBNull(1) ? null : row.GetInt32(1), row.GetString(2), row.GetInt64(5));
        }
    }

    private static async Task ReadAsync(NpgsqlConnection connection, Sql sql, Action<NpgsqlDataReader> read, CancellationToken cancellationToken)
    {
        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            read(reader);
    }

    private static char? RatingOf(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetChar(column);

    /// <summary>Steps in which any meeting may be wanted become one.</summary>
    private static IEnumerable<BlockStep> Joined(IReadOnlyList<BlockStep> steps)
    {
        var inFull = steps.Where(step => step.MeetingIds is null).ToList();
        return steps.Where(step => step.MeetingIds is not null).Concat(inFull.Count > 0 ? [InOne(inFull)] : []);
    }

    private static BlockStep InOne(IEnumerable<BlockStep> steps) => new([.. steps.SelectMany(step => step.Ranges)]);

    private static Sql SelectFacts(MeetingFilter filter, BlockStep step)
    {
        var sql = new Sql();
        MeetingReader.AppendSelect(sql, ColumnsToCount, "facts", filter, step, _ => { }, tail => tail.AppendText("OFFSET 0"));
        return sql;
    }

    private static Sql SelectTopNames(MeetingFilter filter, BlockStep step, IReadOnlyList<DateTimeOffset> bounds)
    {
        var sql = new Sql();
        sql.Append($"WITH chosen AS MATERIALIZED (SELECT width_bucket(m.received_at, {bounds.Select(bound => bound.UtcDateTime).ToArray()}) - 1 AS bucket, m.* FROM (");
        MeetingReader.AppendSelect(sql, Columns, "facts", filter, step, _ => { }, tail => tail.AppendText("OFFSET 0"));
        return sql.AppendText(") AS m)").AppendText(CountSpeakers)
            .AppendText(SelectTopRiskFactors).Append($"WHERE place <= {MeetingCounts.MaxRiskFactors}")
            .AppendText("UNION ALL").AppendText(SelectTopSpeakers).Append($"LIMIT {MeetingCounts.MaxSpeakers})");
    }
}
