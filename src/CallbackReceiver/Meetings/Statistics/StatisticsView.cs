namespace CallbackReceiver.Meetings.Statistics;

/// <summary>What a workspace's meetings of a time were like.</summary>
internal sealed record StatisticsView
{
    /// <summary>The time that is counted begins then.</summary>
    public required DateTime ReceivedFrom { get; init; }

    /// <summary>The time that is counted ends before then.</summary>
    public required DateTime ReceivedTo { get; init; }

    /// <summary>`day`, `week` or `month`.</summary>
    public required string Interval { get; init; }

    /// <summary>The IANA time zone whose days they are.</summary>
    public required string TimeZone { get; init; }

    /// <summary>How many meetings there are.</summary>
    public required long Meetings { get; init; }

    /// <summary>How many meetings have each rating; `null` counts those without.</summary>
    public required IReadOnlyDictionary<string, long> CustomerSatisfactionRating { get; init; }

    /// <summary>How many meetings have each rating; `null` counts those without.</summary>
    public required IReadOnlyDictionary<string, long> AgentPerformanceRating { get; init; }

    /// <summary>The most frequent risk factors, the most frequent first.</summary>
    public required IReadOnlyList<RiskFactorCount> RiskFactors { get; init; }

    /// <summary>Those who speak in the most meetings, and how those meetings were rated.</summary>
    public required IReadOnlyList<SpeakerStatistics> Speakers { get; init; }

    /// <summary>The same per interval in order of time, intervals without meetings included.</summary>
    public required IReadOnlyList<IntervalStatistics> Series { get; init; }
}

/// <summary>How many meetings have a risk factor.</summary>
/// <param name="RiskFactor">The risk factor.</param>
/// <param name="Meetings">How many meetings have it.</param>
internal sealed record RiskFactorCount(string RiskFactor, long Meetings);

/// <summary>The meetings in which a speaker speaks.</summary>
/// <param name="Speaker">The speaker.</param>
/// <param name="Meetings">How many meetings there are.</param>
/// <param name="CustomerSatisfactionRating">How many of them have each rating; `null` counts those without.</param>
/// <param name="AgentPerformanceRating">How many of them have each rating; `null` counts those without.</param>
internal sealed record SpeakerStatistics(
    string Speaker, long Meetings, IReadOnlyDictionary<string, long> CustomerSatisfactionRating, IReadOnlyDictionary<string, long> AgentPerformanceRating);

/// <summary>The meetings of a day, a week from Monday on, or a month; of the first and the last one only those within the time that is counted.</summary>
/// <param name="From">When the interval begins, with the time zone's offset then.</param>
/// <param name="To">When it ends.</param>
/// <param name="Meetings">How many meetings there are.</param>
/// <param name="CustomerSatisfactionRating">How many of them have each rating; `null` counts those without.</param>
/// <param name="AgentPerformanceRating">How many of them have each rating; `null` counts those without.</param>
/// <param name="RiskFactors">The most frequent risk factors, the most frequent first.</param>
internal sealed record IntervalStatistics(
    DateTimeOffset From, DateTimeOffset To, long Meetings, IReadOnlyDictionary<string, long> CustomerSatisfactionRating,
    IReadOnlyDictionary<string, long> AgentPerformanceRating, IReadOnlyList<RiskFactorCount> RiskFactors);
