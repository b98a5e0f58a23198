using Npgsql;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Keeps every writer from the ledger.</summary>
public static class LedgerLock
{
    /// <param name="connection">The lock is held until it is disposed, which rolls its transaction back.</param>
    public static async Task<IAsyncDisposable> TakeAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE", connection) { CommandTimeout = PostgresServer.CommandSeconds };
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
