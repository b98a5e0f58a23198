using System.Text.RegularExpressions;
using Npgsql;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>
/// The workers of a Citus cluster whose coordinator is the tests' PostgreSQL, where <c>CALLBACK_RECEIVER_TEST_CITUS_WORKERS</c> names them
/// as <c>host:port,host:port</c>: then every database of the tests is one of all nodes, distributed by the project's own script.
/// </summary>
internal sealed partial class CitusCluster
{
    private const string WorkersVariable = "CALLBACK_RECEIVER_TEST_CITUS_WORKERS";
    private const string Script = "deploy/citus/distribute.sql";

    private const string Maintenance = "postgres";

    // Few, as each of a test's tables has so many on disk; and more than there are nodes.
    private const int Shards = 4;

    /// <summary>A node that is added is given the coordinator's roles, which nodes share among their databases: not twice at once.</summary>
    private static readonly SemaphoreSlim Adding = new(1);

    private readonly NpgsqlConnectionStringBuilder coordinator;
    private readonly IReadOnlyList<NpgsqlConnectionStringBuilder> workers;

    private CitusCluster(string coordinator, string workers)
    {
        this.coordinator = new NpgsqlConnectionStringBuilder(coordinator) { Pooling = false };
        this.workers = [.. workers.Split(',').Select(worker => worker.Split(':')).Select(worker =>
            new NpgsqlConnectionStringBuilder(coordinator) { Pooling = false, Host = worker[0], Port = int.Parse(worker[1], System.Globalization.CultureInfo.InvariantCulture) })];
    }

    /// <returns>Null where the tests' server is no cluster's.</returns>
    public static CitusCluster? Find(string coordinator) =>
        Environment.GetEnvironmentVariable(WorkersVariable) is { Length: > 0 } workers ? new CitusCluster(coordinator, workers) : null;

    /// <summary>Creates a database on all nodes, of which the coordinator then knows.</summary>
    public async Task CreateDatabaseAsync(string name)
    {
        foreach (var node in workers.Prepend(coordinator))
        {
            await ExecuteAsync(node, Maintenance, $"CREATE DATABASE {name}");
            await ExecuteAsync(node, name, "CREATE EXTENSION citus");
        }

        await Adding.WaitAsync();
        try
        {
            await ExecuteAsync(coordinator, name, $"SELECT citus_set_coordinator_host('{coordinator.Host}', {coordinator.Port})");
            foreach (var worker in workers)
                await ExecuteAsync(coordinator, name, $"SELECT citus_add_node('{worker.Host}', {worker.Port})");
        }
        finally
        {
            Adding.Release();
        }
    }

    /// <summary>Distributes the service's tables, which are there.</summary>
    public async Task DistributeAsync(string name)
    {
        var script = Variables().Replace(CheckedIn.Read(Script), Shards.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await ExecuteAsync(coordinator, name, string.Join('\n', script.Split('\n').Where(line => !line.TrimStart().StartsWith('\\'))));
    }

    public async Task DropDatabaseAsync(string name)
    {
        foreach (var node in workers.Prepend(coordinator))
            await ExecuteAsync(node, Maintenance, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    private static async Task ExecuteAsync(NpgsqlConnectionStringBuilder node, string database, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(node.ConnectionString) { Database = database }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = PostgresServer.CommandSeconds };
        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex("(?<!:):shard_count")]
    private static partial Regex Variables();
}
