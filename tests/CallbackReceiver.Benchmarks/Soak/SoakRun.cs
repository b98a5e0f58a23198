using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using CallbackReceiver.Benchmarks.Ingest;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Query;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Soak;

/// <summary>Runs the plan on one process and one database, and checks at the end that all is stored and searchable.</summary>
internal sealed class SoakRun(PostgresServer postgres, SoakPlan plan)
{
    private static readonly TimeSpan CatchUpPatience = TimeSpan.FromMinutes(5);

    public async Task<SoakResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await postgres.CreateDatabaseAsync(cancellationToken);
        var apiKey = RandomNumberGenerator.GetHexString(32);
        await using var process = await VariantProcess.StartAsync(Variant.Service, database, cancellationToken, apiKey);
        await using var connection = await database.OpenAsync(cancellationToken);
        using var client = new ReaderClient(process.Target, apiKey);
        var reader = new SoakReader(client, process.Target.WorkspaceId);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = reader.RunAsync(over.Token);
        var samples = await SampleAsync(process, reader, connection, cancellationToken);
        await over.CancelAsync();
        await reading;
        var load = LoadResult.Sum([.. samples.Select(sample => sample.Load)]);
        await SpoolDrain.WaitAsync(database, load, there: 0, cancellationToken);
        var catchUp = await CatchUpAsync(connection, cancellationToken);
        await process.StopAsync();
        return await CheckAsync(database, connection, samples, load, reader, catchUp, cancellationToken);
    }

    private async Task<List<SoakSample>> SampleAsync(VariantProcess process, SoakReader reader, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (samples, watch, sent) = (new List<SoakSample>(), Stopwatch.StartNew(), 0L);
        while (samples.Count < plan.Samples)
        {
            var load = await new LoadGenerator(plan.Shape, sent).RunAsync(process.Target);
            cancellationToken.ThrowIfCancellationRequested();
            sent = load.Sent;
            var sample = new SoakSample(
                watch.Elapsed, load, reader.Take(), ProcessFile.Memory(process.Id),
                await connection.ScalarAsync<long>("SELECT count(*) FROM changes", cancellationToken),
                await connection.ScalarAsync<long>("SELECT pg_database_size(current_database())", cancellationToken));
            samples.Add(sample);
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{sample.End:hh\\:mm\\:ss}: {load.PerSecond:N0}/s, p99 {load.Latencies.Percentile(0.99).TotalMilliseconds:N1} ms, {sample.Memory / 1e6:N0} MB"));
        }

        return samples;
    }

    private static async Task<TimeSpan> CatchUpAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (await connection.ScalarAsync<long>("SELECT count(*) FROM changes", cancellationToken) > 0 && watch.Elapsed < CatchUpPatience)
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        return watch.Elapsed;
    }

    private static async Task<SoakResult> CheckAsync(
        BenchmarkDatabase database, NpgsqlConnection connection, List<SoakSample> samples, LoadResult load, SoakReader reader, TimeSpan catchUp,
        CancellationToken cancellationToken)
    {
        var table = await TableCheck.RunAsync(database, load, there: 0, cancellationToken);
        var unsearchable = table.Meetings - await connection.ScalarAsync<long>("SELECT count(*) FROM search", cancellationToken);
        return new SoakResult(samples, load.Stored.Count, catchUp,
        [
            .. load.Failures.Select(failure => $"{failure.Value} × {failure.Key}"),
            .. reader.Failures.Select(failure => $"{failure.Value} × {failure.Key}"),
            .. table.Wrongs,
            .. unsearchable == 0 ? Array.Empty<string>() : [$"{unsearchable} meetings are not searchable"],
        ]);
    }
}
