using System.Diagnostics;
using System.Globalization;
using System.Text;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Servers;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>
/// Lets PostgreSQL's own load generator insert a callback's body again and again, one row a transaction: what the server does on this machine
/// for whoever commits each row by itself, with no web service, no parsing and one index.
/// </summary>
internal sealed class PgbenchRun(BenchmarkDatabase database, LoadShape shape)
{
    private const string CreateTable = "CREATE TABLE bodies (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea COMPRESSION lz4 NOT NULL)";

    // As text and converted, since bytea's own text form takes the body's backslashes for escapes.
    private const string Script = "INSERT INTO bodies (body) VALUES (convert_to(:body, 'UTF8'));\n";

    private readonly string body = Encoding.ASCII.GetString(CallbackTemplate.Create(VariantProcess.WorkspaceId, shape.BodyLength, seed: 0).Body);

    /// <returns>Where the program is that belongs to the server; null where it is not on this machine.</returns>
    public static async Task<string?> FindAsync(PostgresServer postgres, CancellationToken cancellationToken)
    {
        var program = Path.Combine(await postgres.ReadProgramFolderAsync(cancellationToken), "pgbench");
        return File.Exists(program) ? program : null;
    }

    /// <param name="program">See <see cref="FindAsync"/>.</param>
    /// <param name="measure">Runs what is measured, and says who kept how many cores busy.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task<RunResult> RunAsync(string program, Func<Func<Task>, Task<CoresBusy>> measure, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(CreateTable, cancellationToken);
        var warmUp = await StartAsync(program, shape.WarmUp, cancellationToken);
        var measured = default(Transactions);
        var cores = await measure(async () => measured = await StartAsync(program, shape.Duration, cancellationToken));
        await using var count = new NpgsqlCommand("SELECT count(*) FROM bodies WHERE octet_length(body) = $1", connection) { Parameters = { new() { Value = shape.BodyLength } } };
        var rows = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        var answered = warmUp.Count + measured.Count;
        return new RunResult(
            Variant.Pgbench, measured.PerSecond, new LatencyHistogram(), answered, Spooled: 0, Errors: 0, rows, cores with { Generator = null }, PeakMemory: null,
            rows == answered ? [] : [string.Create(CultureInfo.InvariantCulture, $"{answered} transactions and {rows} rows")]);
    }

    private async Task<Transactions> StartAsync(string program, TimeSpan duration, CancellationToken cancellationToken)
    {
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, Script, cancellationToken);
            using var process = Process.Start(StartInfo(program, script, duration))!;
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? Transactions.Read(output) : throw new InvalidOperationException($"pgbench ended with exit code {process.ExitCode}.");
        }
        finally
        {
            File.Delete(script);
        }
    }

    private ProcessStartInfo StartInfo(string program, string script, TimeSpan duration)
    {
        var server = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        return new ProcessStartInfo(program)
        {
            ArgumentList =
            {
                "--no-vacuum", "--protocol=prepared", "--file", script, "--define", $"body={body}",
                "--client", shape.Connections.ToString(CultureInfo.InvariantCulture), "--jobs", "2",
                "--time", Math.Max(1, duration.TotalSeconds).ToString("0", CultureInfo.InvariantCulture),
            },
            Environment =
            {
                ["PGHOST"] = server.Host,
                ["PGPORT"] = server.Port.ToString(CultureInfo.InvariantCulture),
                ["PGUSER"] = server.Username,
                ["PGPASSWORD"] = server.Password,
                ["PGDATABASE"] = server.Database,
            },
            RedirectStandardOutput = true,
        };
    }

    private readonly record struct Transactions(int Count, double PerSecond)
    {
        public static Transactions Read(string output) => new(
            (int)Number(output, "number of transactions actually processed: "), Number(output, "tps = "));

        /// <summary>What follows the name; 0 where it is not there: of no transaction pgbench tells no rate.</summary>
        private static double Number(string output, string name)
        {
            var at = output.IndexOf(name, StringComparison.Ordinal);
            if (at < 0)
                return 0;
            var digits = output[(at + name.Length)..].TakeWhile(character => char.IsDigit(character) || character == '.').ToArray();
            return double.Parse(digits, CultureInfo.InvariantCulture);
        }
    }
}
