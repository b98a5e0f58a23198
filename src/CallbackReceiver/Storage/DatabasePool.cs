using CallbackReceiver.Callbacks;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// The way to PostgreSQL of one kind of work: a pool of connections of its own, so that no other kind can use them up. The receiving has the
/// plain <see cref="NpgsqlDataSource"/>. <see cref="PoolSizes"/> says how large each pool is.
/// </summary>
internal abstract class DatabasePool(NpgsqlDataSource dataSource) : IAsyncDisposable
{
    public NpgsqlDataSource DataSource { get; } = dataSource;

    public virtual ValueTask<NpgsqlConnection> OpenConnectionAsync(CancellationToken cancellationToken) => DataSource.OpenConnectionAsync(cancellationToken);

    public NpgsqlCommand CreateCommand(string sql) => DataSource.CreateCommand(sql);

    public NpgsqlBatch CreateBatch() => DataSource.CreateBatch();

    public ValueTask DisposeAsync() => DataSource.DisposeAsync();
}

/// <summary>For the work behind the commit: projection, retention, notifications, gauges, and what is kept as unverified.</summary>
internal sealed class BackgroundDatabase(NpgsqlDataSource dataSource) : DatabasePool(dataSource);

/// <summary>For the events that listeners read. There may be many listeners, and no other work in the background waits for them.</summary>
internal sealed class EventDatabase(NpgsqlDataSource dataSource) : DatabasePool(dataSource);

/// <summary>For requests that change something, or must see what was just written: erasing, replaying, raw bodies, and their audit.</summary>
internal sealed class ManageDatabase(NpgsqlDataSource dataSource) : DatabasePool(dataSource)
{
    /// <summary>
    /// Opens a connection that answers. What changes something cannot be tried again over another one, as a query can: it may have been done.
    /// </summary>
    public override async ValueTask<NpgsqlConnection> OpenConnectionAsync(CancellationToken cancellationToken)
    {
        var connection = await base.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var nothing = new NpgsqlCommand("SELECT 1", connection);
            await nothing.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch (NpgsqlException failure) when (StorageFailure.IsOfTheConnection(failure))
        {
            await connection.DisposeAsync();
            DataSource.Clear(); // after a restart the others that were idle are broken as well
            return await base.OpenConnectionAsync(cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
