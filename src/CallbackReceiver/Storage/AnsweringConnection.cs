using System.Data.Common;
using CallbackReceiver.Callbacks;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// Sees to it that a connection answers before it is used: after a restart of PostgreSQL those that are idle in a pool are broken. What changes
/// something cannot be tried again over another one, as a query can: it may have been done.
/// </summary>
internal sealed class AnsweringConnection : DbConnectionInterceptor
{
    /// <summary>More than are idle in the pool.</summary>
    private const int MaxTries = 32;

    /// <summary>Opens the connection anew where it does not answer.</summary>
    public static async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await using var nothing = new NpgsqlCommand("SELECT 1", connection);
                await nothing.ExecuteNonQueryAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException failure) when (tries < MaxTries && StorageFailure.IsOfTheConnection(failure))
            {
                await connection.CloseAsync(); // the pool keeps no broken one
                await connection.OpenAsync(cancellationToken);
            }
        }
    }

    /// <summary>For what goes through EF Core.</summary>
    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default) =>
        EnsureAsync((NpgsqlConnection)connection, cancellationToken);
}
