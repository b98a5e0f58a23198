using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// An advisory lock of PostgreSQL's that one replica holds while it does what only one may do at a time. It belongs to a transaction, which is
/// open for as long, and not to a session: a pooler that lends sessions by the transaction would leave a session's lock with whoever comes next.
/// </summary>
internal sealed class AdvisoryLock : IAsyncDisposable
{
    // An operator's limits on statements and transactions are not meant for a lock that is waited for, or held, for long.
    private const string LiftLimits = "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)";

    private readonly NpgsqlConnection connection;

    private AdvisoryLock(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>Waits for the lock.</summary>
    public static async Task<AdvisoryLock> TakeAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        await RunAsync(connection, "SELECT pg_advisory_xact_lock($1)", key, cancellationToken);
        return new AdvisoryLock(connection);
    }

    /// <returns>Null where another replica holds it.</returns>
    public static async Task<AdvisoryLock?> TryTakeAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        if (await RunAsync(connection, "SELECT pg_try_advisory_xact_lock($1)", key, cancellationToken) is true)
            return new AdvisoryLock(connection);
        await connection.DisposeAsync();
        return null;
    }

    /// <summary>Closing the connection rolls the transaction back, and with it goes the lock.</summary>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>The connection is the lock's from here on: it is closed where the lock is not taken.</summary>
    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql, long key, CancellationToken cancellationToken)
    {
        try
        {
            await connection.BeginTransactionAsync(cancellationToken);
            await using var lift = new NpgsqlCommand(LiftLimits, connection);
            await lift.ExecuteNonQueryAsync(cancellationToken);
            await using var take = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = key } }, CommandTimeout = 0 };
            return await take.ExecuteScalarAsync(cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
