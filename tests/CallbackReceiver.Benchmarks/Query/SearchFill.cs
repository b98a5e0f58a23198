using System.Diagnostics;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>How long the service took to make all meetings searchable.</summary>
/// <param name="Elapsed">Until the queue was empty; null where the schema has none.</param>
/// <param name="Left">What was left when it no longer moved.</param>
internal sealed record SearchFill(TimeSpan? Elapsed, long Left)
{
    private const string HasQueue = "SELECT to_regclass('changes') IS NOT NULL";
    private const string CountQueue = "SELECT count(*) FROM changes";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<SearchFill> WaitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await ScalarAsync<bool>(connection, HasQueue, cancellationToken) is false)
            return new SearchFill(null, 0);
        var (begun, unmoved, left) = (Stopwatch.StartNew(), Stopwatch.StartNew(), long.MaxValue);
        while (left > 0 && unmoved.Elapsed < Patience)
        {
            await Task.Delay(Interval, cancellationToken);
            var now = await ScalarAsync<long>(connection, CountQueue, cancellationToken);
            if (now < left)
                unmoved.Restart();
            left = now;
        }

        return new SearchFill(begun.Elapsed, left);
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
