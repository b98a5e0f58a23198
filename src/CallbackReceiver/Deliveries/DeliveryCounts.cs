namespace CallbackReceiver.Deliveries;

/// <summary>How many deliveries of a workspace there are by outcome.</summary>
internal sealed record DeliveryCounts
{
    /// <summary>The time that is counted begins then.</summary>
    public required DateTime ReceivedFrom { get; init; }

    /// <summary>The time that is counted ends before then.</summary>
    public required DateTime ReceivedTo { get; init; }

    /// <summary>`day`, `week` or `month`.</summary>
    public required string Interval { get; init; }

    /// <summary>The IANA time zone whose days they are.</summary>
    public required string TimeZone { get; init; }

    /// <summary>How many deliveries there are; the same bytes again are none.</summary>
    public required long Deliveries { get; init; }

    /// <summary>How many of them have each outcome.</summary>
    public required IReadOnlyDictionary<string, long> Outcomes { get; init; }

    /// <summary>The same per interval in order of time, intervals without deliveries included.</summary>
    public required IReadOnlyList<IntervalDeliveries> Series { get; init; }
}

/// <summary>The deliveries of a day, a week from Monday on, or a month; of the first and the last one only those within the time that is counted.</summary>
/// <param name="From">When the interval begins, with the time zone's offset then.</param>
/// <param name="To">When it ends.</param>
/// <param name="Deliveries">How many deliveries there are.</param>
/// <param name="Outcomes">How many of them have each outcome.</param>
internal sealed record IntervalDeliveries(DateTimeOffset From, DateTimeOffset To, long Deliveries, IReadOnlyDictionary<string, long> Outcomes);
