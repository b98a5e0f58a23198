using System.Collections.Concurrent;
using System.Diagnostics;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>Fills a database with the meetings of a plan.</summary>
internal sealed class DataFill(DataPlan plan, string connectionString)
{
    private const int Reported = 100_000;

    // The search follows the meetings through this queue, where the schema has it.
    private const string QueueForSearch = """
        INSERT INTO changes (workspace_id, delivery_id, meeting_id, announce)
        SELECT workspace_id, delivery_ids[revision], meeting_id, false FROM meetings ORDER BY received_at
        """;

    /// <summary>Makes the schema where there is none, and fills it.</summary>
    /// <returns>How long it took until all rows were in; null where an earlier run has filled it.</returns>
    /// <exception cref="InvalidOperationException">There are other meetings.</exception>
    public async Task<TimeSpan?> RunAsync(CancellationToken cancellationToken)
    {
        await SchemaSetup.MigrateAsync(connectionString, cancellationToken);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        var filled = await connection.ScalarAsync<long>("SELECT count(*) FROM deliveries", cancellationToken);
        if (filled == plan.Meetings)
            return null;
        if (filled > 0)
            throw new InvalidOperationException($"The database holds {filled} deliveries of something else: give an empty one, or none.");

        var watch = Stopwatch.StartNew();
        await CopyAsync(cancellationToken);
        if (await connection.ScalarAsync<bool>("SELECT to_regclass('changes') IS NOT NULL", cancellationToken))
            await connection.ExecuteAsync(QueueForSearch, cancellationToken);
        var copied = watch.Elapsed;

        // As autovacuum would within minutes: statistics for the planner, and the visibility map for index-only scans.
        await connection.ExecuteAsync("VACUUM (ANALYZE)", cancellationToken);
        return copied;
    }

    /// <summary>Chunk by chunk in the order of receiving, as many at once as there are cores.</summary>
    private async Task CopyAsync(CancellationToken cancellationToken)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        var (watch, done) = (Stopwatch.StartNew(), 0);
        var starts = Partitioner.Create(plan.ChunkStarts, EnumerablePartitionerOptions.NoBuffering);
        await Task.WhenAll(starts.GetPartitions(Environment.ProcessorCount).Select(own => Task.Run(() => CopyAsync(own), cancellationToken)));

        async Task CopyAsync(IEnumerator<int> own)
        {
            var maker = new MeetingMaker(plan);
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            using (own)
            {
                while (own.MoveNext())
                {
                    var end = Math.Min(plan.Meetings, own.Current + DataPlan.Chunk);
                    await MeetingCopy.WriteAsync(connection, [.. maker.Make(own.Current, end)], cancellationToken);
                    if (Interlocked.Add(ref done, end - own.Current) is var now && now % Reported == 0)
                        await Console.Error.WriteLineAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{now:N0} meetings, {watch.Elapsed.TotalSeconds:N0} s"));
                }
            }
        }
    }
}
