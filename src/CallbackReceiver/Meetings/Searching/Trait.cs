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
    public static Trait CustomerSatisfaction(string? rating) => new(TraitKind.CustomerSatisfaction, rating);

    public static Trait AgentPerformance(string? rating) => new(TraitKind.AgentPerformance, rating);

    public static Trait RiskFactor(string riskFactor) => new(TraitKind.RiskFactor, riskFactor);

    public static Trait Speaker(string speaker) => new(TraitKind.Speaker, speaker);

    /// <returns>All traits of a meeting, in the order of their kinds.</returns>
    public static IReadOnlyList<Trait> Of(string? customerSatisfactionRating, string? agentPerformanceRating, string? riskFactor, string[] speakers) =>
    [
        CustomerSatisfaction(customerSatisfactionRating),
        AgentPerformance(agentPerformanceRating),
        .. riskFactor is null ? Array.Empty<Trait>() : [RiskFactor(riskFactor)],
        .. speakers.Select(Speaker),
    ];
}
