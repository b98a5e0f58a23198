using Npgsql;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A service with a database of its own, for the tests of one class; more services can be started on the same database.</summary>
public sealed class Receiver(PostgresServer server) : IAsyncLifetime
{
    public string ConnectionString { get; private set; } = "";

    public ReceiverProcess Service { get; private set; } = null!;

    /// <summary>The folder of the services' spools, each in a folder of its own.</summary>
    public string SpoolDirectory { get; } = Path.Combine(Path.GetTempPath(), $"callback-receiver-spool-{Guid.NewGuid():N}");

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await server.CreateDatabaseAsync();
        Service = await StartAsync();
    }

    /// <summary>Starts a service on this database.</summary>
    public Task<ReceiverProcess> StartAsync(params IEnumerable<(string Key, string Value)> changes) => StartAsync(untilReady: true, changes);

    /// <inheritdoc cref="StartAsync(IEnumerable{ValueTuple{string, string}})"/>
    public Task<ReceiverProcess> StartAsync(bool untilReady, params IEnumerable<(string Key, string Value)> changes)
    {
        var settings = new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = ConnectionString,
            ["Spool:Directory"] = Path.Combine(SpoolDirectory, $"{Guid.NewGuid():N}"), // which no other service uses
        };
        foreach (var (key, value) in changes)
            settings[key] = value;
        return ReceiverProcess.StartAsync(settings, untilReady);
    }

    public async Task<List<object?[]>> QueryAsync(string sql, params object[] parameters)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        return rows;
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters) => (T)(await QueryAsync(sql, parameters))[0][0]!;

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Keeps every writer from the ledger until it is disposed.</summary>
    /// <param name="mode">What may go on beside it: nothing, or, with <c>SHARE</c>, reading.</param>
    public async Task<IAsyncDisposable> LockDeliveriesAsync(string mode = "ACCESS EXCLUSIVE") => await LedgerLock.TakeAsync(await OpenAsync(), mode);

    /// <summary>Lets nothing be projected, and no block be closed, until it is disposed: both need the feed of the workspace.</summary>
    public async Task<IAsyncDisposable> HoldProjectionAsync(string workspaceId = Workspaces.Demo)
    {
        var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(
            $"INSERT INTO feeds (workspace_id) VALUES ('{workspaceId}') ON CONFLICT DO NOTHING; BEGIN; SELECT FROM feeds WHERE workspace_id = '{workspaceId}' FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync();
        return connection; // closing it rolls the transaction back
    }

    public async ValueTask DisposeAsync()
    {
        if (Service is not null)
            await Service.DisposeAsync();
        await server.DropDatabaseAsync(ConnectionString);
        if (Directory.Exists(SpoolDirectory))
            Directory.Delete(SpoolDirectory, recursive: true);
    }
}
