using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// An advisory lock of PostgreSQL's that one replica holds while it does what only one may do at a time. It belongs to a transaction, which is
/// open for as long, and not to a session: a pooler that lends sessions by the transaction would leave a session's lock with whoever comes next.
/// </summary>
internal sealed class AdvisoryLock : IAsyncDisposable
{
    // An operator's limit is meant for what forgets its transaction. PostgreSQL keeps what the last statement could see as long as there is no
    // next one, and an index that is built beside it would wait for that: this one sees nothing, so it is the last.
    private const string LiftLimits = "SET LOCAL idle_in_transaction_session_timeout = 0";

    private readonly NpgsqlConnection connection;

    private AdvisoryLock(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>Does not wait: whoever waits in PostgreSQL holds one of the pooler's sessions, of which the holder may need another.</summary>
    /// <param name="connection">The lock's from here on; it is closed where the lock is not taken.</param>
    /// <param name="key">Which lock.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Null where another holds it.</returns>
    public static async Task<AdvisoryLock?> TryTakeAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        try
        {
            await connection.BeginTransactionAsync(cancellationToken);
            await using var take = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1)", connection) { Parameters = { new() { Value = key } } };
            if (await take.ExecuteScalarAsync(cancellationToken) is true)
            {
                await using var lift = new NpgsqlCommand(LiftLimits, connection);
                await lift.ExecuteNonQueryAsync(cancellationToken);
                return new AdvisoryLock(connection);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    /// <summary>Closing the connection rolls the transaction back, and with it goes the lock.</summary>
    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
