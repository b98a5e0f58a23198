namespace CallbackReceiver.Benchmarks.Cost;

/// <summary>What is sent.</summary>
/// <param name="Callbacks">How many, each with a text and a meeting of its own.</param>
/// <param name="Meetings">How many meetings are in the tables before.</param>
internal sealed record CostPlan(int Callbacks, int Meetings)
{
    public const int DefaultCallbacks = 50_000;

    /// <summary>Under way at once: enough for the service to commit many together, as it does under load.</summary>
    public const int Connections = 64;

    /// <summary>Of a body at most, in bytes.</summary>
    public const int BodyLength = 3800;
}
