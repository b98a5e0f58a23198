using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// Which database this service stores in. The spool notes it with each delivery, so that a delivery never ends in the database of another
/// service that was given the same folder.
/// </summary>
/// <param name="connection">See <see cref="Connection"/>.</param>
internal sealed class DatabaseTarget(string connection)
{
    /// <summary>How the configuration names the database: host, port and database, or the data folder of the service's own PostgreSQL.</summary>
    public string Connection { get; } = connection;

    /// <summary>
    /// The database's own id, from the table <c>installation</c>: it stays the same when the database moves to another host or is restored
    /// from a backup. Null until the service has reached the database once.
    /// </summary>
    public Guid? Id { get; set; }

    /// <summary>The target that a connection string names.</summary>
    public static DatabaseTarget Of(NpgsqlConnectionStringBuilder connectionString) =>
        new($"{connectionString.Host}:{connectionString.Port}/{connectionString.Database ?? connectionString.Username}");

    /// <summary>Reads the database's id.</summary>
    /// <exception cref="NpgsqlException">PostgreSQL did not answer, or the schema is older than the table.</exception>
    public async Task IdentifyAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT database_id FROM installation");
        Id = (Guid?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
