using System.Diagnostics;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>Waits until callbacks that were answered 202 are in the tables: the service stores them as soon as PostgreSQL answers in time again.</summary>
internal static class SpoolDrain
{
    /// <summary>Between two looks at the tables.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Whatever is not stored by then is reported as missing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <param name="database">The tables.</param>
    /// <param name="load">The answers.</param>
    /// <param name="there">How many deliveries were there before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task WaitAsync(BenchmarkDatabase database, LoadResult load, int there, CancellationToken cancellationToken)
    {
        if (load.Spooled.Count == 0)
            return;
        await using var connection = await database.OpenAsync(cancellationToken);
        var (expected, watch) = (there + load.Accepted.Count(), Stopwatch.StartNew());
        while (await connection.ScalarAsync<long>("SELECT count(*) FROM deliveries", cancellationToken) < expected && watch.Elapsed < Patience)
            await Task.Delay(Pause, cancellationToken);
    }
}
