namespace CallbackReceiver.Benchmarks.Cost;

/// <summary>What was spent up to a moment, or between two.</summary>
/// <param name="Service">Processor time of the service; null where it cannot be seen.</param>
/// <param name="Postgres">Processor time of PostgreSQL, all its processes; null where it cannot be seen.</param>
/// <param name="WalBytes">What PostgreSQL wrote to its log, the full pages after a checkpoint among it.</param>
internal readonly record struct Spending(TimeSpan? Service, TimeSpan? Postgres, long WalBytes)
{
    public static Spending operator -(Spending later, Spending earlier) =>
        new(later.Service - earlier.Service, later.Postgres - earlier.Postgres, later.WalBytes - earlier.WalBytes);

    public static Spending operator +(Spending one, Spending other) =>
        new(one.Service + other.Service, one.Postgres + other.Postgres, one.WalBytes + other.WalBytes);
}
