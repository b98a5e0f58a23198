using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>Reads PostgreSQL's clock.</summary>
internal delegate Task<DateTimeOffset> DatabaseClock(NpgsqlConnection connection, CancellationToken cancellationToken);

/// <summary>PostgreSQL's own clock, to hold this machine's against.</summary>
internal static class PostgresClock
{
    public static async Task<DateTimeOffset> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
    }
}
