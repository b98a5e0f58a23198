using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>Where queries go: a replica of PostgreSQL where one is configured, else the same as the receiving.</summary>
internal sealed class ReadDatabase(NpgsqlDataSource dataSource)
{
    public NpgsqlDataSource DataSource => dataSource;

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => dataSource.OpenConnectionAsync(cancellationToken);
}
