using System.Globalization;
using CallbackReceiver.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CallbackReceiver.FaultTests.Machinery;

/// <summary>
/// One PostgreSQL server of the run's own, made of the parts of the service's embedded one, but without what starts that again: here the
/// faults decide when a server dies and when it comes back. It is as durable as the embedded one: fsync is on.
/// </summary>
internal sealed class PostgresNode : IDisposable
{
    /// <summary>The name by which a primary knows the standby that its commits wait for.</summary>
    private const string StandbyName = "standby";

    private const string Database = "callback_receiver";

    private readonly StateDirectory state;
    private readonly ServerAccount account;
    private readonly PostgresInstallation installation;
    private readonly PostgresProcess process;
    private readonly PreviousServer previous;
    private readonly ReservedPort port;
    private readonly ServerAddress address;
    private LiveProcess? server;

    private PostgresNode(StateDirectory state, ServerAccount account, PostgresInstallation installation, EmbeddedPostgresOptions options)
    {
        this.state = state;
        this.account = account;
        this.installation = installation;
        var status = new StartStatus(TimeProvider.System);
        process = new PostgresProcess(installation, state, account, options, status, NullLogger.Instance);
        port = ReservedPort.Take(Ports.Choose, NullLogger.Instance);
        address = new ServerAddress(port.Number, state.Password());
        previous = new PreviousServer(process, state, address.Password, options.StartupTimeout, status, NullLogger.Instance);
    }

    public string ConnectionString => address.ConnectionString(Database);

    public string EndPoint => string.Create(CultureInfo.InvariantCulture, $"{ServerAddress.Listen}:{address.Port}");

    public bool IsRunning => server is { IsAlive: true };

    /// <summary>The last lines of the server's log.</summary>
    public string Log => new ServerLog(state.Log).TailSince(0);

    /// <summary>A new server with the service's database, running.</summary>
    public static async Task<PostgresNode> CreateAsync(string folder, CancellationToken cancellationToken)
    {
        var node = await InAsync(folder, cancellationToken);
        await new DatabaseFiles(node.installation, node.state, node.account, NullLogger.Instance).CreateAsync(node.address.Password, cancellationToken);
        await node.StartAsync(cancellationToken);
        await node.ExecuteAsync($"CREATE DATABASE {Database}", cancellationToken, database: "postgres");
        return node;
    }

    /// <summary>A standby that follows this server, running; from then on this server's commits wait for it.</summary>
    public async Task<PostgresNode> FollowAsync(string folder, CancellationToken cancellationToken)
    {
        using (var copied = StateDirectory.Open(folder))
        {
            StateDirectory.WriteSecret(copied.In("password"), address.Password);
            Directory.CreateDirectory(copied.Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await account.GiveAsync(copied.Data, cancellationToken);
            await BaseBackupAsync(copied, cancellationToken);
        }

        var standby = await InAsync(folder, cancellationToken);
        await standby.StartAsync(cancellationToken);

        // Only now: the standby's own settings, a copy of these, must not make it wait for itself when it is promoted.
        await ExecuteAsync($"ALTER SYSTEM SET synchronous_standby_names = '{StandbyName}'", cancellationToken);
        await ExecuteAsync("SELECT pg_reload_conf()", cancellationToken);
        await Patience.UntilAsync(() => IsInSyncAsync(cancellationToken), "the standby is in sync", cancellationToken);
        return standby;
    }

    /// <summary>Makes a standby the one that takes writes.</summary>
    public Task PromoteAsync(CancellationToken cancellationToken) => ExecuteAsync("SELECT pg_promote()", cancellationToken);

    /// <summary>Commits no longer wait for a standby.</summary>
    public async Task ForgetStandbyAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names", cancellationToken);
        await ExecuteAsync("SELECT pg_reload_conf()", cancellationToken);
    }

    /// <summary>Returns once it takes connections, what a crash left recovered.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await previous.RetireAsync(cancellationToken); // the killed one may not be quite gone
        server = await process.StartAsync(port, cancellationToken);
    }

    /// <summary>kill -9 of the server and all its processes, stopped ones too.</summary>
    public void Kill()
    {
        if (server is null)
            return;
        Signals.Send(Signal.Stop, server.Id); // it starts no more of them
        var children = Children();
        Signals.Send(Signal.Kill, server.Id);
        Signals.Send(Signal.Kill, children);
    }

    /// <summary>kill -9 of the postmaster alone; its processes notice by themselves.</summary>
    public void KillPostmaster() => Signals.Send(Signal.Kill, server!.Id);

    /// <summary>kill -9 of one process that serves a connection to the service's database; the postmaster then restarts them all.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> KillBackendAsync(Random random, CancellationToken cancellationToken)
    {
        var backends = await QueryAsync<int>(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid() ORDER BY pid",
            cancellationToken);
        if (backends.Count == 0)
            return false;
        Signals.Send(Signal.Kill, backends[random.Next(backends.Count)]);
        return true;
    }

    /// <summary>The kernel goes on taking connections for it, and nobody answers.</summary>
    public void Freeze()
    {
        Signals.Send(Signal.Stop, server!.Id);
        Signals.Send(Signal.Stop, Children());
    }

    public void Thaw()
    {
        Signals.Send(Signal.Continue, Children());
        Signals.Send(Signal.Continue, server!.Id);
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken, string database = Database)
    {
        await using var connection = await OpenAsync(cancellationToken, database);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<List<T>> QueryAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(reader.GetFieldValue<T>(0));
        return rows;
    }

    /// <summary>A connection outside of any pool, whose server may be another one by the next time.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken, string database = Database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address.ConnectionString(database)) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the server by force, and lets go of its folder.</summary>
    public void Dispose()
    {
        Kill();
        port.Dispose();
        state.Dispose();
    }

    /// <summary>Ends the server by force, never to be started again, and removes its folder.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        Dispose();
        await Patience.UntilAsync(() => Task.FromResult(!IsRunning), "a server that was killed is gone", cancellationToken);
        try
        {
            Directory.Delete(state.Path, recursive: true);
        }
        catch (IOException)
        {
            // One of its processes still was about to write. What is left goes with the run's folder.
        }
    }

    private static async Task<PostgresNode> InAsync(string folder, CancellationToken cancellationToken)
    {
        var options = new EmbeddedPostgresOptions
        {
            Directory = folder,
            Parameters = new Dictionary<string, string>
            {
                ["max_connections"] = "40", // few, so that a fault can take them all
                ["wal_retrieve_retry_interval"] = "200ms", // a standby finds a server that is back at once
            },
        };
        var state = StateDirectory.Open(folder);
        try
        {
            var account = await ServerAccount.ChooseAsync(cancellationToken);
            var binaries = new PostgresBinaries(options, state, account, StartConditions.Current.MayFetch, NullLogger.Instance);
            var installation = await binaries.FindAsync(cancellationToken) ?? await binaries.FetchAsync(cancellationToken);
            return new PostgresNode(state, account, installation, options);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    private async Task BaseBackupAsync(StateDirectory target, CancellationToken cancellationToken)
    {
        var backup = new ChildCommand(
            PgBaseBackup(),
            "--dbname", $"host={ServerAddress.Listen} port={address.Port} user={ServerAddress.UserName} application_name={StandbyName}",
            "--pgdata", target.Data, "--wal-method", "stream", "--checkpoint", "fast", "--write-recovery-conf")
        {
            UserName = account.UserName,
            WorkingDirectory = target.Path,
            Environment = new Dictionary<string, string> { ["PGPASSWORD"] = address.Password },
        };
        var result = await backup.RunAsync(cancellationToken);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"pg_basebackup failed: {result.Output}");
    }

    /// <summary>The other programs may be links into the folder that has this one too.</summary>
    private string PgBaseBackup()
    {
        var folders = new[] { installation.PgCtl, File.ResolveLinkTarget(installation.PgCtl, returnFinalTarget: true)?.FullName }.Select(Path.GetDirectoryName);
        return folders.OfType<string>().Select(folder => Path.Combine(folder, "pg_basebackup")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"PostgreSQL {installation.Major} is there without pg_basebackup.");
    }

    private async Task<bool> IsInSyncAsync(CancellationToken cancellationToken) =>
        (await QueryAsync<string>("SELECT sync_state FROM pg_stat_replication", cancellationToken)).Contains("sync");

    private List<int> Children()
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{server!.Id}/task/{server.Id}/children")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return []; // it is gone
        }
    }
}
