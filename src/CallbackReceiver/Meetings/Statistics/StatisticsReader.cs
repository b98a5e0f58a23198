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

    // The parts of the answer, told apart by the first column: totals per interval, risk factors per interval and of all, and speakers.
    // Each counts what is alike at once and adds up later, which is some times faster than to ask every row for every rating.
    private const string CountIntervals = """
        SELECT 'interval' AS part, bucket, NULL AS name, customer_satisfaction_rating, agent_performance_rating, count(*) AS meetings
        FROM chosen GROUP BY bucket, customer_satisfaction_rating, agent_performance_rating
        """;

    private const string CountRiskFactors = """
        SELECT 'risk_factor', bucket, risk_factor, NULL, NULL, meetings FROM (
            SELECT bucket, risk_factor, count(*) AS meetings, row_number() OVER (PARTITION BY bucket ORDER BY count(*) DESC, risk_factor COLLATE "C") AS place
            FROM chosen WHERE risk_factor IS NOT NULL GROUP BY GROUPING SETS ((bucket, risk_factor), (risk_factor))) AS ranked
        """;

    private const string CountSpeakers = """
        , speakers AS (
            SELECT speaker, customer_satisfaction_rating, agent_performance_rating, sum(meetings)::bigint AS meetings
            FROM (
                SELECT speakers, customer_satisfaction_rating, agent_performance_rating, count(*) AS meetings
                FROM chosen GROUP BY speakers, customer_satisfaction_rating, agent_performance_rating) AS alike,
                unnest(alike.speakers) AS speaker
            GROUP BY speaker, customer_satisfaction_rating, agent_performance_rating)
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
        MeetingReader.AppendSelect(sql, Columns, MeetingSource.Facts, filter, ranges, _ => { }, tail => tail.AppendText("OFFSET 0"));
        sql.AppendText(") AS m");
        return sql.AppendText(")").AppendText(CountSpeakers).AppendText(CountIntervals)
            .AppendText("UNION ALL").AppendText(CountRiskFactors).Append($"WHERE place <= {MaxRiskFactors}")
            .AppendText("UNION ALL").AppendText(SelectTopSpeakers).Append($"LIMIT {MaxSpeakers})");
    }

    private sealed class Counts(int intervals)
    {
        private readonly Tally total = new();
        private readonly Tally[] byInterval = [.. Enumerable.Range(0, intervals).Select(_ => new Tally())];
        private readonly List<(int? Interval, RiskFactorCount Count)> riskFactors = [];
        private readonly Dictionary<string, Tally> bySpeaker = new(StringComparer.Ordinal);

        public void Add(NpgsqlDataReader reader)
        {
            int? interval = reader.IsDBNull(1) ? null : reader.GetInt32(1);
            var meetings = reader.GetInt64(5);
            switch (reader.GetString(0))
            {
                case "interval":
                    total.Add(reader, meetings);
                    byInterval[interval!.Value].Add(reader, meetings);
                    break;
                case "risk_factor":
                    riskFactors.Add((interval, new RiskFactorCount(reader.GetString(2), meetings)));
                    break;
                default:
                    if (!bySpeaker.TryGetValue(reader.GetString(2), out var speaker))
                        bySpeaker.Add(reader.GetString(2), speaker = new Tally());
                    speaker.Add(reader, meetings);
                    break;
            }
        }

        public StatisticsView ToView(MeetingFilter filter, Calendar calendar, IReadOnlyList<DateTimeOffset> bounds) => new()
        {
            ReceivedFrom = filter.Received.From,
            ReceivedTo = filter.Received.To,
            Interval = calendar.Interval,
            TimeZone = calendar.TimeZone,
            Meetings = total.Meetings,
            CustomerSatisfactionRating = total.CustomerSatisfaction,
            AgentPerformanceRating = total.AgentPerformance,
            RiskFactors = RiskFactorsOf(null),
            Speakers = [.. Sorted(bySpeaker, speaker => speaker.Value.Meetings, speaker => speaker.Key)
                .Select(speaker => new SpeakerStatistics(speaker.Key, speaker.Value.Meetings, speaker.Value.CustomerSatisfaction, speaker.Value.AgentPerformance))],
            Series = [.. byInterval.Select((tally, interval) => new IntervalStatistics(
                bounds[interval], bounds[interval + 1], tally.Meetings, tally.CustomerSatisfaction, tally.AgentPerformance, RiskFactorsOf(interval)))],
        };

        private RiskFactorCount[] RiskFactorsOf(int? interval) =>
            [.. Sorted(riskFactors.Where(row => row.Interval == interval).Select(row => row.Count), count => count.Meetings, count => count.RiskFactor)];

        private static IOrderedEnumerable<T> Sorted<T>(IEnumerable<T> rows, Func<T, long> count, Func<T, string> name) =>
            rows.OrderByDescending(count).ThenBy(name, StringComparer.Ordinal);
    }

    private sealed class Tally
    {
        private static readonly string[] Ratings = ["A", "B", "C", "D", "E", "null"];

        public long Meetings { get; private set; }

        public OrderedDictionary<string, long> CustomerSatisfaction { get; } = Empty();

        public OrderedDictionary<string, long> AgentPerformance { get; } = Empty();

        /// <param name="reader">At a row with the two ratings in columns 3 and 4.</param>
        /// <param name="meetings">How many meetings have them.</param>
        public void Add(NpgsqlDataReader reader, long meetings)
        {
            Meetings += meetings;
            CustomerSatisfaction[reader.IsDBNull(3) ? "null" : reader.GetString(3)] += meetings;
            AgentPerformance[reader.IsDBNull(4) ? "null" : reader.GetString(4)] += meetings;
        }

        private static OrderedDictionary<string, long> Empty() => new(Ratings.Select(rating => KeyValuePair.Create(rating, 0L)));
    }
}
