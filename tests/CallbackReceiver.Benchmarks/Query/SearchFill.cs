using System.Diagnostics;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>How long the service took to make all meetings searchable, and to finish what it does behind the commit.</summary>
/// <param name="Elapsed">Until it last wrote; null where the schema has no queue.</param>
/// <param name="Left">What was left in the queue when nothing more was written.</param>
internal sealed record SearchFill(TimeSpan? Elapsed, long Left)
{
    private const string HasQueue = "SELECT to_regclass('changes') IS NOT NULL";
    private const string CountQueue = "SELECT count(*) FROM changes";
    private const string CountWrites = "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A session that waits tells of its writes after up to ten seconds, and the service may look for more to do only every few.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    public static async Task<SearchFill> WaitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await connection.ScalarAsync<bool>(HasQueue, cancellationToken) is false)
            return new SearchFill(null, 0);
        var (begun, written, last) = (Stopwatch.StartNew(), -1L, TimeSpan.Zero);
        while (begun.Elapsed - last < Rest)
        {
            if (await connection.ScalarAsync<long>(CountWrites, cancellationToken) is var now && now != written)
                (written, last) = (now, begun.Elapsed);
            await Task.Delay(Interval, cancellationToken);
        }

        return new SearchFill(last, await connection.ScalarAsync<long>(CountQueue, cancellationToken));
    }
}
