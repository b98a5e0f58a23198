namespace CallbackReceiver.Meetings.Searching;

/// <summary>What a trait is of. The numbers are in the hashes that are stored.</summary>
internal enum TraitKind
{
    CustomerSatisfaction,
    AgentPerformance,
    RiskFactor,
    Speaker,
}

/// <summary>What a meeting is found by beside its text.</summary>
/// <param name="Kind">What it is of.</param>
/// <param name="Value">Null where a rating is.</param>
internal readonly record struct Trait(TraitKind Kind, string? Value)
{
    /// <returns>All traits of a meeting.</returns>
    public static IEnumerable<Trait> Of(string? customerSatisfactionRating, string? agentPerformanceRating, string? riskFactor, string[] speakers) =>
    [
        new(TraitKind.CustomerSatisfaction, customerSatisfactionRating),
        new(TraitKind.AgentPerformance, agentPerformanceRating),
        .. riskFactor is null ? Array.Empty<Trait>() : [new(TraitKind.RiskFactor, riskFactor)],
        .. speakers.Select(speaker => new Trait(TraitKind.Speaker, speaker)),
    ];
}
