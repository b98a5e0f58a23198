namespace CallbackReceiver.Meetings.Statistics;

/// <summary>How many meetings have which ratings.</summary>
internal sealed class RatingCounts
{
    private const int Ratings = 5;

    // From A to E, and none.
    private readonly long[] customerSatisfaction = new long[Ratings + 1];
    private readonly long[] agentPerformance = new long[Ratings + 1];

    /// <summary>How many meetings there are.</summary>
    public long Meetings { get; private set; }

    public OrderedDictionary<string, long> CustomerSatisfaction => ByName(customerSatisfaction);

    public OrderedDictionary<string, long> AgentPerformance => ByName(agentPerformance);

    /// <summary>Counts meetings.</summary>
    /// <param name="ofCustomer">Their rating; null for none.</param>
    /// <param name="ofAgent">Their rating; null for none.</param>
    /// <param name="meetings">How many have them.</param>
    public void Add(char? ofCustomer, char? ofAgent, long meetings)
    {
        Meetings += meetings;
        customerSatisfaction[IndexOf(ofCustomer)] += meetings;
        agentPerformance[IndexOf(ofAgent)] += meetings;
    }

    /// <summary>Counts the meetings that another has counted.</summary>
    public void Add(RatingCounts others)
    {
        Meetings += others.Meetings;
        for (var rating = 0; rating <= Ratings; rating++)
        {
            customerSatisfaction[rating] += others.customerSatisfaction[rating];
            agentPerformance[rating] += others.agentPerformance[rating];
        }
    }

    private static int IndexOf(char? rating) => rating is { } given ? given - 'A' : Ratings;

    private static OrderedDictionary<string, long> ByName(long[] counts) =>
        new(counts.Select((count, index) => KeyValuePair.Create(index == Ratings ? "null" : ((char)('A' + index)).ToString(), count)));
}
