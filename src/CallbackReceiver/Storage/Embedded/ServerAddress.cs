using Npgsql;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>How to connect to the service's own PostgreSQL.</summary>
internal sealed record ServerAddress(int Port, string Password)
{
    public const string UserName = "callback_receiver";

    private const string Host = "127.0.0.1";

    public static string Listen => Host;

    public string ConnectionString(string database) => Builder(database).ConnectionString;

    /// <summary>A connection of its own, outside any pool, for the start's questions.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var builder = Builder("postgres");
        builder.Pooling = false;
        builder.Timeout = 5;
        var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private NpgsqlConnectionStringBuilder Builder(string database) => new()
    {
        Host = Host,
        Port = Port,
        Database = database,
        Username = UserName,
        Password = Password,
        // Whoever took the port before us must not be handed the password in the clear: SCRAM proves it without telling it.
        RequireAuth = "ScramSHA256",
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    };

    // A record prints its members; the password stays out of logs and exceptions.
    public override string ToString() => $"{Host}:{Port}";
}
