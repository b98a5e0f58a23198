using Npgsql;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Keeps every writer from the ledger.</summary>
public static class LedgerLock
{
    /// <param name="connection">The lock is held until it is disposed, which rolls its transaction back.</param>
    /// <param name="mode">PostgreSQL's name of the lock.</param>
    public static async Task<IAsyncDisposable> TakeAsync(NpgsqlConnection connection, string mode = "ACCESS EXCLUSIVE")
    {
        await using var command = new NpgsqlCommand($"BEGIN; LOCK TABLE deliveries IN {mode} MODE", connection) { CommandTimeout = PostgresServer.CommandSeconds };
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
