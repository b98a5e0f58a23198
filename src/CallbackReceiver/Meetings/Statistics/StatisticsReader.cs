using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Statistics;

/// <summary>Counts the meetings of a filter, in one statement.</summary>
internal sealed class StatisticsReader(ReadDatabase database)
{
    private const int MaxRiskFactors = 10;
    private const int MaxSpeakers = 20;

    private const string Columns = "m.received_at, m.customer_satisfaction_rating, m.agent_performance_rating, m.risk_factor, m.speakers";

    private const string Tally = """
        count(*),
        count(*) FILTER (WHERE c.customer_satisfaction_rating = 'A'), count(*) FILTER (WHERE c.customer_satisfaction_rating = 'B'),
        count(*) FILTER (WHERE c.customer_satisfaction_rating = 'C'), count(*) FILTER (WHERE c.customer_satisfaction_rating = 'D'),
        count(*) FILTER (WHERE c.customer_satisfaction_rating = 'E'), count(*) FILTER (WHERE c.customer_satisfaction_rating IS NULL),
        count(*) FILTER (WHERE c.agent_performance_rating = 'A'), count(*) FILTER (WHERE c.agent_performance_rating = 'B'),
        count(*) FILTER (WHERE c.agent_performance_rating = 'C'), count(*) FILTER (WHERE c.agent_performance_rating = 'D'),
        count(*) FILTER (WHERE c.agent_performance_rating = 'E'), count(*) FILTER (WHERE c.agent_performance_rating IS NULL)
        """;

    // The parts of the answer, told apart by the first column: totals per interval, risk factors per interval and of all, and speakers.
    private const string CountIntervals = $"SELECT 'interval' AS part, bucket, NULL AS name, {Tally} FROM chosen c GROUP BY bucket";

    private const string CountRiskFactors = """
        SELECT 'risk_factor', bucket, risk_factor, meetings, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM (
            SELECT bucket, risk_factor, count(*) AS meetings, row_number() OVER (PARTITION BY bucket ORDER BY count(*) DESC, risk_factor COLLATE "C") AS place
            FROM chosen WHERE risk_factor IS NOT NULL GROUP BY GROUPING SETS ((bucket, risk_factor), (risk_factor))) AS ranked
        """;

    private const string CountSpeakers = $"""
        SELECT 'speaker', NULL, speaker, {Tally} FROM chosen c, unnest(c.speakers) AS speaker GROUP BY speaker ORDER BY count(*) DESC, speaker COLLATE "C"
        """;

    /// <summary>Counts.</summary>
    /// <param name="filter">Which meetings.</param>
    /// <param name="calendar">The intervals.</param>
    /// <param name="bounds">The moments at which they begin and end.</param>
    /// <param name="cancellationToken">Ends the counting.</param>
    public async Task<StatisticsView> ReadAsync(MeetingFilter filter, Calendar calendar, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var counts = new Counts(bounds.Count - 1);
        if (filter.Received.From < filter.Received.To
            && await BlockIndex.AllAsync(connection, filter, filter.Received, SortOrder.OldestFirst, cancellationToken) is { Count: > 0 } ranges)
        {
            await using var command = Select(filter, ranges, bounds).On(connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                counts.Add(reader);
        }

        return counts.ToView(filter, calendar, bounds);
    }

    private static Sql Select(MeetingFilter filter, IReadOnlyList<TimeRange> ranges, IReadOnlyList<DateTimeOffset> bounds)
    {
        var sql = new Sql();
        sql.Append($"WITH chosen AS MATERIALIZED (SELECT width_bucket(m.received_at, {bounds.Select(bound => bound.UtcDateTime).ToArray()}) - 1 AS bucket, m.* FROM (");
        MeetingReader.AppendSelect(sql, Columns, filter, ranges, conditions => { }, tail => tail.AppendText("OFFSET 0"));
        sql.AppendText(") AS m");
        return sql.AppendText(")").AppendText(CountIntervals)
            .AppendText("UNION ALL").AppendText(CountRiskFactors).Append($"WHERE place <= {MaxRiskFactors}")
            .AppendText("UNION ALL (").AppendText(CountSpeakers).Append($"LIMIT {MaxSpeakers})");
    }

    private sealed class Counts(int intervals)
    {
        private readonly Dictionary<int, Row> byInterval = [];
        private readonly List<(int? Interval, RiskFactorCount Count)> riskFactors = [];
        private readonly List<Row> speakers = [];

        public void Add(NpgsqlDataReader reader)
        {
            int? interval = reader.IsDBNull(1) ? null : reader.GetInt32(1);
            switch (reader.GetString(0))
            {
                case "interval":
                    byInterval.Add(interval!.Value, Row.Of(reader));
                    break;
                case "risk_factor":
                    riskFactors.Add((interval, new RiskFactorCount(reader.GetString(2), reader.GetInt64(3))));
                    break;
                default:
                    speakers.Add(Row.Of(reader));
                    break;
            }
        }

        public StatisticsView ToView(MeetingFilter filter, Calendar calendar, IReadOnlyList<DateTimeOffset> bounds)
        {
            var total = Row.Sum(byInterval.Values);
            return new StatisticsView
            {
                ReceivedFrom = filter.Received.From,
                ReceivedTo = filter.Received.To,
                Interval = calendar.Interval,
                TimeZone = calendar.TimeZone,
                Meetings = total.Meetings,
                CustomerSatisfactionRating = total.CustomerSatisfaction,
                AgentPerformanceRating = total.AgentPerformance,
                RiskFactors = RiskFactorsOf(null),
                Speakers = [.. Sorted(speakers, speaker => speaker.Meetings, speaker => speaker.Name)
                    .Select(speaker => new SpeakerStatistics(speaker.Name, speaker.Meetings, speaker.CustomerSatisfaction, speaker.AgentPerformance))],
                Series = [.. Enumerable.Range(0, intervals).Select(interval => IntervalOf(interval, bounds))],
            };
        }

        private IntervalStatistics IntervalOf(int interval, IReadOnlyList<DateTimeOffset> bounds)
        {
            var row = byInterval.GetValueOrDefault(interval) ?? Row.Sum([]);
            return new IntervalStatistics(
                bounds[interval], bounds[interval + 1], row.Meetings, row.CustomerSatisfaction, row.AgentPerformance, RiskFactorsOf(interval));
        }

        private RiskFactorCount[] RiskFactorsOf(int? interval) =>
            [.. Sorted(riskFactors.Where(row => row.Interval == interval).Select(row => row.Count), count => count.Meetings, count => count.RiskFactor)];

        private static IOrderedEnumerable<T> Sorted<T>(IEnumerable<T> rows, Func<T, long> count, Func<T, string> name) =>
            rows.OrderByDescending(count).ThenBy(name, StringComparer.Ordinal);
    }

    private sealed record Row(string Name, long[] Counts)
    {
        private const int Columns = 13;

        private static readonly string[] Ratings = ["A", "B", "C", "D", "E", "null"];

        public long Meetings => Counts[0];

        public IReadOnlyDictionary<string, long> CustomerSatisfaction => Distribution(1);

        public IReadOnlyDictionary<string, long> AgentPerformance => Distribution(1 + Ratings.Length);

        public static Row Of(NpgsqlDataReader reader) =>
            new(reader.IsDBNull(2) ? "" : reader.GetString(2), [.. Enumerable.Range(3, Columns).Select(reader.GetInt64)]);

        public static Row Sum(IEnumerable<Row> rows) =>
            new("", rows.Aggregate(new long[Columns], (sum, row) => [.. sum.Zip(row.Counts, (a, b) => a + b)]));

        private OrderedDictionary<string, long> Distribution(int first) =>
            new(Ratings.Select((rating, at) => KeyValuePair.Create(rating, Counts[first + at])));
    }
}
