namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>Which meetings are made. The same plan gives the same rows.</summary>
/// <param name="Meetings">How many, in all workspaces.</param>
/// <param name="Seed">Another seed, another text.</param>
internal sealed record DataPlan(int Meetings, int Seed)
{
    public const int DefaultMeetings = 1_000_000;
    public const int DefaultSeed = 3;

    /// <summary>Meetings are made in chunks, each from a seed of its own.</summary>
    public const int Chunk = 5_000;

    /// <summary>Three of unequal size: one in Chinese, one in English, one in both.</summary>
    public static readonly IReadOnlyList<WorkspacePlan> Workspaces = Plan();

    /// <summary>The meetings are received within the twelve months from here, evenly spread.</summary>
    public static readonly DateTime From = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static readonly DateTime To = From.AddYears(1);

    /// <summary>The numbers of the meetings that begin a chunk.</summary>
    public IEnumerable<int> ChunkStarts => Enumerable.Range(0, (Meetings + Chunk - 1) / Chunk).Select(chunk => chunk * Chunk);

    public static WorkspacePlan Chinese => Workspaces[0];

    public static WorkspacePlan English => Workspaces[1];

    private static WorkspacePlan[] Plan()
    {
        var (chinese, english) = (new ChineseCalls(), new EnglishCalls());
        return
        [
            new("taipei-hotline", 0.6, Agents: 240, [chinese]),
            new("denver-support", 0.3, Agents: 120, [english]),
            new("singapore-desk", 0.1, Agents: 40, [chinese, english]),
        ];
    }
}

/// <summary>A workspace of the plan.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Share">Its share of all meetings.</param>
/// <param name="Agents">How many agents take its calls.</param>
/// <param name="Languages">What is spoken, each in as many calls.</param>
internal sealed record WorkspacePlan(string Id, double Share, int Agents, IReadOnlyList<ICallLanguage> Languages);
