using System.Diagnostics;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// Commits that count only once they are as safe as PostgreSQL is configured to make them. A commit that waits for a synchronous standby may
/// be cancelled, by whoever gives up waiting or by the driver when its time is up: PostgreSQL then goes on without the standby and reports
/// success. So no caller cancels these, and one that took all its time does not count.
/// </summary>
internal static class DurableCommit
{
    /// <summary>Whatever the connection string says; the driver's own limit is 30.</summary>
    public const int TimeoutSeconds = 60;

    /// <summary>Commits the transaction that is under way on the connection.</summary>
    /// <exception cref="TimeoutException">Whether the commit would outlive a failover is not known.</exception>
    public static async Task RunAsync(NpgsqlConnection connection)
    {
        // A role's own limit would cancel as well.
        await using var unlimited = new NpgsqlCommand("SET LOCAL statement_timeout = 0", connection);
        await unlimited.ExecuteNonQueryAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand("COMMIT", connection);
        await RunAsync(command);
    }

    /// <summary>Runs a statement that is a transaction by itself.</summary>
    /// <inheritdoc cref="RunAsync(NpgsqlConnection)"/>
    public static async Task RunAsync(NpgsqlCommand command, int timeoutSeconds = TimeoutSeconds)
    {
        command.CommandTimeout = timeoutSeconds;
        var started = Stopwatch.GetTimestamp();
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        if (Stopwatch.GetElapsedTime(started) >= TimeSpan.FromSeconds(timeoutSeconds))
            throw new TimeoutException("A commit was not confirmed in time.");
    }
}
