using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using CallbackReceiver.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CallbackReceiver.Tests.Storage.Embedded;

[SupportedOSPlatform("linux")]
public sealed class EmbeddedPostgresStartTests : IDisposable
{
    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task First_start_makes_a_database_in_utf8_with_checksums_and_durable_commits()
    {
        await using var postgres = await folder.StartAsync();

        Assert.Equal("callback_receiver", await Sql.ScalarAsync(postgres.ConnectionString, "SELECT current_database()::text"));
        Assert.Equal(folder.Data, postgres.DataDirectory);
        Assert.Equal("UTF8", await SettingAsync(postgres, "server_encoding"));
        Assert.Equal("C", await Sql.ScalarAsync(postgres.ConnectionString, "SELECT datcollate FROM pg_database WHERE datname = current_database()"));
        Assert.Equal("on", await SettingAsync(postgres, "data_checksums"));
        Assert.Equal("on", await SettingAsync(postgres, "fsync"));
        Assert.Equal("on", await SettingAsync(postgres, "synchronous_commit"));
    }

    [Fact]
    public async Task It_listens_on_loopback_tcp_alone_and_asks_everyone_for_the_password()
    {
        await using var postgres = await folder.StartAsync();

        Assert.Equal("127.0.0.1", await SettingAsync(postgres, "listen_addresses"));
        Assert.Equal("", await SettingAsync(postgres, "unix_socket_directories"));
        Assert.Equal("scram-sha-256", await Sql.ScalarAsync(postgres.ConnectionString, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"));
        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "wrong" }.ConnectionString;
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Sql.ScalarAsync(wrong, "SELECT 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task The_password_is_in_one_private_file_and_in_no_command_line_environment_or_log()
    {
        var logger = new RecordingLogger();
        await using var postgres = await EmbeddedPostgres.StartAsync(folder.Options, logger, TestContext.Current.CancellationToken);

        var password = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Password!;
        Assert.Equal(password, await File.ReadAllTextAsync(folder.In("password"), TestContext.Current.CancellationToken));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.In("password")));
        Assert.False(File.Exists(folder.In("initdb-password")));
        Assert.DoesNotContain(folder.Processes(), process => process.Contains(password));
        Assert.DoesNotContain(logger.Messages, logged => logged.Message.Contains(password));
        Assert.DoesNotContain(password, await File.ReadAllTextAsync(folder.In("postgres.log"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_server_log_holds_its_start_but_no_customer_data()
    {
        await using var postgres = await folder.StartAsync();

        await Assert.ThrowsAsync<PostgresException>(() => Sql.ScalarAsync(postgres.ConnectionString, "SELECT 'a customer said'::int"));

        var log = await File.ReadAllTextAsync(folder.In("postgres.log"), TestContext.Current.CancellationToken);
        Assert.Contains("ready to accept connections", log);
        Assert.DoesNotContain("a customer said", log);
    }

    [Fact]
    public async Task The_server_does_not_see_the_services_environment()
    {
        Environment.SetEnvironmentVariable("CALLBACK_RECEIVER_SECRET", "not for children");
        await using var postgres = await folder.StartAsync();

        var environment = await File.ReadAllTextAsync($"/proc/{folder.PostmasterId()}/environ", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("not for children", environment);
    }

    [Fact]
    public async Task The_server_has_a_session_of_its_own_that_a_terminals_interrupt_does_not_reach()
    {
        await using var postgres = await folder.StartAsync();

        var postmaster = folder.PostmasterId();
        var stat = await File.ReadAllTextAsync($"/proc/{postmaster}/stat", TestContext.Current.CancellationToken);
        var session = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3]);
        Assert.Equal(postmaster, session);
    }

    [Fact]
    public async Task Stopped_and_started_again_it_has_the_data_and_the_password_and_nothing_ran_between()
    {
        string first;
        await using (var postgres = await folder.StartAsync())
        {
            first = postgres.ConnectionString;
            await Sql.ScalarAsync(first, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)");
        }

        Assert.Empty(folder.Processes());
        await using var again = await folder.StartAsync();
        Assert.Equal(7, await Sql.ScalarAsync(again.ConnectionString, "SELECT id FROM kept"));
        Assert.Equal(new NpgsqlConnectionStringBuilder(first).Password, new NpgsqlConnectionStringBuilder(again.ConnectionString).Password);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_open_connections_and_stops_once()
    {
        var postgres = await folder.StartAsync();
        await using var connection = new NpgsqlConnection(postgres.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);

        await postgres.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        await postgres.DisposeAsync();

        Assert.Empty(folder.Processes());
        Assert.Contains("database system is shut down", await File.ReadAllTextAsync(folder.In("postgres.log"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Parameters_reach_the_server_quotes_and_all_and_win_over_the_defaults()
    {
        await using var postgres = await folder.StartAsync(options =>
        {
            options.Parameters["cluster_name"] = "it's $HOME \"quoted\"";
            options.Parameters["max_connections"] = "23";
        });

        Assert.Equal("it's $HOME \"quoted\"", await SettingAsync(postgres, "cluster_name"));
        Assert.Equal("23", await SettingAsync(postgres, "max_connections"));
        Assert.Equal("4GB", await SettingAsync(postgres, "max_wal_size"));
    }

    [Theory]
    [InlineData(256, "128MB")]
    [InlineData(2048, "512MB")]
    [InlineData(65_536, "1024MB")]
    public void A_quarter_of_the_memory_is_for_PostgreSQL_s_buffers_within_limits(long megabytes, string buffers) =>
        Assert.Equal(buffers, ServerSettings.SharedBuffers(megabytes * 1024 * 1024));

    [Fact]
    public async Task Buffers_are_by_the_memory_of_this_machine()
    {
        await using var postgres = await folder.StartAsync();

        var wanted = ServerSettings.SharedBuffers(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        Assert.Equal(true, await Sql.ScalarAsync(postgres.ConnectionString, $"SELECT pg_size_bytes(current_setting('shared_buffers')) = pg_size_bytes('{wanted}')"));
    }

    [Fact]
    public async Task A_parameter_the_server_does_not_know_fails_the_start_with_its_own_words()
    {
        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => folder.StartAsync(options => options.Parameters["no_such_setting"] = "1"));

        Assert.Contains("no_such_setting", failure.Message);
        Assert.Empty(folder.Processes());
    }

    [Fact]
    public async Task A_port_that_was_taken_meanwhile_is_passed_over()
    {
        using var taker = new TcpListener(IPAddress.Loopback, 0);
        taker.Start();
        var ports = new Queue<int>([((IPEndPoint)taker.LocalEndpoint).Port]);
        var conditions = StartConditions.Current;
        var tricked = conditions with { ChoosePort = () => ports.TryDequeue(out var port) ? port : conditions.ChoosePort() };

        await using var postgres = await EmbeddedPostgres.StartAsync(folder.Options, tricked, NullLogger.Instance, TestContext.Current.CancellationToken);

        Assert.Empty(ports);
        Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_folder_with_spaces_quotes_dollars_and_other_scripts_works()
    {
        using var odd = new StateFolder("état d'été $HOME 資料 & co");
        await using (var postgres = await odd.StartAsync())
            Assert.Equal(odd.Data, await SettingAsync(postgres, "data_directory"));
        await using var again = await odd.StartAsync();
        Assert.Equal(1, await Sql.ScalarAsync(again.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Run_by_root_the_server_is_another_user_with_that_users_groups_only()
    {
        Assert.SkipUnless(ServerAccount.IsRoot, "only root drops to another user");
        await using var postgres = await folder.StartAsync();

        var status = await File.ReadAllLinesAsync($"/proc/{folder.PostmasterId()}/status", TestContext.Current.CancellationToken);
        int[] Ids(string key) => [.. status.Single(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        Assert.DoesNotContain(0, Ids("Uid:"));
        Assert.DoesNotContain(0, Ids("Gid:"));
        Assert.DoesNotContain(0, Ids("Groups:"));
    }

    [Fact]
    public async Task Run_by_root_a_folder_closed_to_the_other_user_is_named_with_the_way_to_open_it()
    {
        Assert.SkipUnless(ServerAccount.IsRoot, "only root drops to another user");
        var closed = Directory.CreateDirectory(folder.Beside("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => folder.StartAsync(options => options.Directory = Path.Combine(closed.FullName, "state")));

        Assert.Contains($"chmod o+x '{closed.FullName}'", failure.Message);
    }

    [Fact]
    public async Task A_second_start_on_the_same_folder_is_refused_with_who_holds_it_and_the_ways_out()
    {
        await using var postgres = await folder.StartAsync();

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => folder.StartAsync());

        Assert.Contains(folder.Path, refused.Message);
        Assert.Contains($"process id {Environment.ProcessId}", refused.Message);
        Assert.Contains("EmbeddedPostgres:Directory", refused.Message);
        Assert.Contains("ConnectionStrings:CallbackReceiver", refused.Message);
        Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Data_without_its_password_is_left_alone()
    {
        await (await folder.StartAsync()).DisposeAsync();
        File.Delete(folder.In("password"));

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => folder.StartAsync());

        Assert.Contains(folder.In("password"), refused.Message);
        Assert.True(File.Exists(folder.In("data/PG_VERSION")));
    }

    private static async Task<string?> SettingAsync(EmbeddedPostgres postgres, string name) =>
        (string?)await Sql.ScalarAsync(postgres.ConnectionString, $"SHOW {name}");
}
