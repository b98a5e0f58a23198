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
    /// <inheritdoc/>
    /// <remarks>It answers (<see cref="AnsweringConnection"/>).</remarks>
    public override async ValueTask<NpgsqlConnection> OpenConnectionAsync(CancellationToken cancellationToken)
    {
        var connection = await base.OpenConnectionAsync(cancellationToken);
        try
        {
            await AnsweringConnection.EnsureAsync(connection, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
