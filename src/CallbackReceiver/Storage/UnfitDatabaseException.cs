using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// A database that the service cannot use. No connection to one is ever given out, so that nothing is written there; what comes meanwhile is
/// spooled, as while PostgreSQL is away. The message says what is wrong and how it is mended.
/// </summary>
internal sealed class UnfitDatabaseException(string message) : NpgsqlException(message)
{
    private const string Utf8 = "UTF8";

    /// <summary>Looks at what a server said of itself when a connection to it was opened, which costs nothing.</summary>
    /// <exception cref="UnfitDatabaseException">It is too old, or its encoding cannot hold every text.</exception>
    public static void ThrowIfUnfit(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major < Embedded.EmbeddedPostgresOptions.OldestMajor)
            throw new UnfitDatabaseException($"PostgreSQL {Embedded.EmbeddedPostgresOptions.OldestMajor} or later is needed; this server is {connection.PostgreSqlVersion}.");
        if (connection.PostgresParameters.GetValueOrDefault("server_encoding") is { } encoding && encoding != Utf8)
        {
            throw new UnfitDatabaseException(
                $"The database \"{connection.Database}\" has the encoding {encoding}, which cannot hold every text; UTF8 is needed. "
                + $"Create it with: CREATE DATABASE \"{connection.Database}\" ENCODING 'UTF8' TEMPLATE template0");
        }
    }
}
