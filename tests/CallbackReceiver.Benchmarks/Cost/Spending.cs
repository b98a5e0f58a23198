using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

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

    /// <summary>What has been spent up to now.</summary>
    /// <param name="serviceId">The service's process; null for none.</param>
    /// <param name="facts">The server.</param>
    /// <param name="connection">To it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Spending> ReadAsync(int? serviceId, PostgresFacts facts, NpgsqlConnection connection, CancellationToken cancellationToken) => new(
        serviceId is { } service ? ProcessFile.ProcessorTime(service) : null,
        facts.PostmasterId is { } postmaster ? ProcessFile.FamilyProcessorTime(postmaster) : null,
        await connection.ScalarAsync<long>("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint", cancellationToken));
}
