using System.Runtime.InteropServices;

namespace CallbackReceiver.Meetings.Statistics;

/// <summary>
/// Counts meetings, one at a time. Names are counted while there are not too many different ones; where there are, whoever has all the
/// meetings must say which names are the most frequent.
/// </summary>
/// <param name="bounds">The moments at which the intervals begin and end.</param>
internal sealed class MeetingCounts(IReadOnlyList<DateTimeOffset> bounds)
{
    /// <summary>How many risk factors are told, of all and of each interval.</summary>
    public const int MaxRiskFactors = 10;

    /// <summary>How many speakers are told.</summary>
    public const int MaxSpeakers = 20;

    /// <summary>What the different names may take in memory, about.</summary>
    private const int MaxNameBytes = 8 * 1024 * 1024;

    private const int BytesOfRiskFactor = 100;
    private const int BytesOfSpeaker = 300;

    private readonly DateTime[] begins = [.. bounds.SkipLast(1).Select(bound => bound.UtcDateTime)];
    private readonly RatingCounts total = new();
    private readonly RatingCounts[] byInterval = [.. bounds.SkipLast(1).Select(_ => new RatingCounts())];
    private readonly Dictionary<(int? Interval, string RiskFactor), long> byRiskFactor = [];
    private readonly Dictionary<byte[], RatingCounts> bySpeakers = new(SpeakerSet.Comparer);
    private readonly Dictionary<string, RatingCounts> bySpeaker = new(StringComparer.Ordinal);
    private long nameBytes;

    /// <summary>Whether names were given up, so that <see cref="AddRiskFactor"/> and <see cref="AddSpeaker"/> are to be called for the most frequent.</summary>
    public bool HasTooManyNames { get; private set; }

    /// <summary>Counts a meeting.</summary>
    /// <param name="receivedAt">Within the bounds.</param>
    /// <param name="customerSatisfaction">A rating; null for none.</param>
    /// <param name="agentPerformance">A rating; null for none.</param>
    /// <param name="riskFactor">Null for none.</param>
    /// <param name="speakers">All different, a <see cref="SpeakerSet"/>.</param>
    public void Add(DateTime receivedAt, char? customerSatisfaction, char? agentPerformance, string? riskFactor, byte[] speakers)
    {
        var found = Array.BinarySearch(begins, receivedAt);
        var interval = found < 0 ? ~found - 1 : found;
        total.Add(customerSatisfaction, agentPerformance, 1);
        byInterval[interval].Add(customerSatisfaction, agentPerformance, 1);
        if (HasTooManyNames)
            return;
        if (riskFactor is not null)
            AddRiskFactor(interval, riskFactor, 1);
        if (Add(bySpeakers, speakers, customerSatisfaction, agentPerformance, 1))
            nameBytes += (BytesOfSpeaker * (1 + SpeakerSet.CountOf(speakers))) + speakers.Length;
        if (nameBytes > MaxNameBytes)
            GiveNamesUp();
    }

    /// <summary>Counts meetings of a risk factor.</summary>
    /// <param name="interval">Null for all intervals, which is only to be told where names were given up.</param>
    /// <param name="riskFactor">The risk factor.</param>
    /// <param name="meetings">How many.</param>
    public void AddRiskFactor(int? interval, string riskFactor, long meetings)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(byRiskFactor, (interval, riskFactor), out var exists);
        count += meetings;
        if (!exists)
            nameBytes += BytesOfRiskFactor + (sizeof(char) * riskFactor.Length);
    }

    /// <summary>Counts meetings in which somebody speaks.</summary>
    public void AddSpeaker(string speaker, char? customerSatisfaction, char? agentPerformance, long meetings) =>
        Add(bySpeaker, speaker, customerSatisfaction, agentPerformance, meetings);

    public StatisticsView ToView(MeetingFilter filter, Calendar calendar)
    {
        var riskFactors = (HasTooManyNames ? byRiskFactor : byRiskFactor.Concat(OfAllIntervals()))
            .ToLookup(row => row.Key.Interval, row => new RiskFactorCount(row.Key.RiskFactor, row.Value));
        CountSpeakers();
        return new StatisticsView
        {
            ReceivedFrom = filter.Received.From,
            ReceivedTo = filter.Received.To,
            Interval = calendar.Interval,
            TimeZone = calendar.TimeZone,
            Meetings = total.Meetings,
            CustomerSatisfactionRating = total.CustomerSatisfaction,
            AgentPerformanceRating = total.AgentPerformance,
            RiskFactors = MostFrequent(riskFactors[null]),
            Speakers = [.. bySpeaker.OrderByDescending(speaker => speaker.Value.Meetings).ThenBy(speaker => speaker.Key, StringComparer.Ordinal).Take(MaxSpeakers)
                .Select(speaker => new SpeakerStatistics(speaker.Key, speaker.Value.Meetings, speaker.Value.CustomerSatisfaction, speaker.Value.AgentPerformance))],
            Series = [.. byInterval.Select((ratings, interval) => new IntervalStatistics(
                bounds[interval], bounds[interval + 1], ratings.Meetings, ratings.CustomerSatisfaction, ratings.AgentPerformance, MostFrequent(riskFactors[interval])))],
        };
    }

    /// <returns>Whether they are the first of the name, or names.</returns>
    private static bool Add<TName>(Dictionary<TName, RatingCounts> byName, TName name, char? customerSatisfaction, char? agentPerformance, long meetings)
        where TName : notnull
    {
        ref var counts = ref CollectionsMarshal.GetValueRefOrAddDefault(byName, name, out var exists);
        (counts ??= new RatingCounts()).Add(customerSatisfaction, agentPerformance, meetings);
        return !exists;
    }

    private void CountSpeakers()
    {
        foreach (var (speakers, counts) in bySpeakers)
        {
            foreach (var speaker in SpeakerSet.NamesOf(speakers))
            {
                ref var ofSpeaker = ref CollectionsMarshal.GetValueRefOrAddDefault(bySpeaker, speaker, out _);
                (ofSpeaker ??= new RatingCounts()).Add(counts);
            }
        }
    }

    private static RiskFactorCount[] MostFrequent(IEnumerable<RiskFactorCount> counts) =>
        [.. counts.OrderByDescending(count => count.Meetings).ThenBy(count => count.RiskFactor, StringComparer.Ordinal).Take(MaxRiskFactors)];

    private IEnumerable<KeyValuePair<(int? Interval, string RiskFactor), long>> OfAllIntervals() =>
        byRiskFactor.AggregateBy(row => row.Key.RiskFactor, 0L, (sum, row) => sum + row.Value, StringComparer.Ordinal)
            .Select(row => KeyValuePair.Create(((int?)null, row.Key), row.Value));

    private void GiveNamesUp()
    {
        HasTooManyNames = true;
        byRiskFactor.Clear();
        bySpeakers.Clear();
    }
}
