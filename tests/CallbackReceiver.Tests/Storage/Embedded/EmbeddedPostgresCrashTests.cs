using System.Diagnostics;
using System.Runtime.Versioning;
using CallbackReceiver.Storage.Embedded;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CallbackReceiver.Tests.Storage.Embedded;

[SupportedOSPlatform("linux")]
public sealed class EmbeddedPostgresCrashTests : IDisposable
{
    private const string RealBinaries = "/usr/lib/postgresql/15/bin";

    private readonly StateFolder folder = new();
    private readonly RecordingLogger logger = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_service_killed_with_its_server_still_running_starts_again_and_has_every_commit()
    {
        var (service, connectionString) = await EmbeddedPostgresHost.StartAsync(folder.Path);
        await Sql.ScalarAsync(connectionString, "CREATE TABLE kept (id int)");
        await Sql.ScalarAsync(connectionString, "INSERT INTO kept VALUES (7)");
        var orphan = folder.PostmasterId();
        service.Kill();
        await service.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(LiveProcess.Find(orphan));

        await using var postgres = await StartAsync();

        Assert.Null(LiveProcess.Find(orphan));
        Assert.Equal(7, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT id FROM kept"));
        Assert.Contains(logger.Messages, logged => logged.Event.Id == 7106);
        Assert.Contains("database system is shut down", await LogAsync());
    }

    [Fact]
    public async Task A_service_killed_together_with_its_server_starts_again_and_has_every_commit()
    {
        var (service, connectionString) = await EmbeddedPostgresHost.StartAsync(folder.Path);
        await Sql.ScalarAsync(connectionString, "CREATE TABLE kept (id int)");
        await Sql.ScalarAsync(connectionString, "INSERT INTO kept VALUES (7)");
        service.Kill();
        Signals.Kill(folder.PostmasterId());
        await service.WaitForExitAsync(TestContext.Current.CancellationToken);

        await using var postgres = await StartAsync();

        Assert.Equal(7, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT id FROM kept"));
    }

    [Fact]
    public async Task A_start_waits_for_the_children_of_a_killed_server_to_let_go_of_the_data()
    {
        var (service, _) = await EmbeddedPostgresHost.StartAsync(folder.Path);
        service.Kill();
        await service.WaitForExitAsync(TestContext.Current.CancellationToken);
        var postmaster = folder.PostmasterId();
        var child = int.Parse((await File.ReadAllTextAsync($"/proc/{postmaster}/task/{postmaster}/children", TestContext.Current.CancellationToken)).Split(' ')[0]);
        await Signals.SendAsync("STOP", child);
        Signals.Kill(postmaster);

        var starting = StartAsync();
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.False(starting.IsCompleted, starting.Exception?.ToString() ?? "It started beside the old server's child.");
        await Signals.SendAsync("CONT", child);

        await using var postgres = await starting;
        Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
    }

    [Theory]
    [InlineData("sleep")]
    [InlineData("postgres")]
    public async Task A_stale_process_id_that_is_another_process_by_now_is_not_signalled_whatever_its_name(string name)
    {
        await (await StartAsync()).DisposeAsync();
        using var bystander = StartBystander(name);
        await LeaveStaleFileAsync(bystander.Id);

        await using var postgres = await StartAsync();

        Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
        Assert.False(bystander.HasExited);
        bystander.Kill();
    }

    [Fact]
    public async Task Another_server_on_the_stale_port_is_not_signalled()
    {
        using var neighbours = new StateFolder("neighbour");
        await using var neighbour = await neighbours.StartAsync();
        await (await StartAsync()).DisposeAsync();
        File.Copy(neighbours.In("data/postmaster.pid"), folder.In("data/postmaster.pid"));

        await using var postgres = await StartAsync();

        Assert.Equal(neighbours.Data, await Sql.ScalarAsync(neighbour.ConnectionString, "SHOW data_directory"));
        Assert.Equal(folder.Data, await Sql.ScalarAsync(postgres.ConnectionString, "SHOW data_directory"));
    }

    [Fact]
    public async Task A_copy_of_the_folder_of_a_running_server_leaves_that_server_alone()
    {
        await using var postgres = await StartAsync();
        using var copy = new StateFolder("copy");
        using (var copying = Process.Start("cp", ["-a", folder.Path, copy.Path]))
            await copying.WaitForExitAsync(TestContext.Current.CancellationToken);

        await using var second = await copy.StartAsync();

        Assert.Equal(folder.Data, await Sql.ScalarAsync(postgres.ConnectionString, "SHOW data_directory"));
        Assert.Equal(copy.Data, await Sql.ScalarAsync(second.ConnectionString, "SHOW data_directory"));
    }

    [Fact]
    public async Task An_initdb_that_was_killed_midway_is_done_anew()
    {
        Directory.CreateDirectory(folder.In("data.unfinished/base"));
        await File.WriteAllTextAsync(folder.In("data.unfinished/PG_VERSION"), "15", TestContext.Current.CancellationToken);

        await using var postgres = await StartAsync();

        Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
        Assert.False(Directory.Exists(folder.In("data.unfinished")));
    }

    [Fact]
    public async Task Data_whose_renaming_was_undone_by_a_power_cut_is_kept()
    {
        await using (var first = await StartAsync())
            await Sql.ScalarAsync(first.ConnectionString, "CREATE TABLE kept (id int)");
        Directory.Move(folder.Data, folder.In("data.unfinished"));

        await using var postgres = await StartAsync();

        Assert.Equal(0L, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task A_server_killed_while_the_service_runs_is_back_on_the_same_port_with_every_commit_and_a_warning()
    {
        await using var postgres = await StartAsync();
        await Sql.ScalarAsync(postgres.ConnectionString, "CREATE TABLE kept (id int)");
        await Sql.ScalarAsync(postgres.ConnectionString, "INSERT INTO kept VALUES (7)");
        var killed = folder.PostmasterId();

        Signals.Kill(killed);

        Assert.Equal(7, await UntilItAnswersAsync(postgres.ConnectionString, "SELECT id FROM kept"));
        Assert.NotEqual(killed, folder.PostmasterId());
        Assert.Contains(logger.Messages, logged => logged is { Level: LogLevel.Warning, Event.Id: 7108 });
    }

    [Fact]
    public async Task Stopping_while_the_server_is_being_started_again_leaves_nothing_running()
    {
        var postgres = await StartAsync();
        Signals.Kill(folder.PostmasterId());
        await Task.Delay(350, TestContext.Current.CancellationToken);

        await postgres.DisposeAsync();

        await folder.NothingRunsAsync();
    }

    [Theory]
    [InlineData(30)]
    [InlineData(150)]
    [InlineData(400)]
    [InlineData(800)]
    [InlineData(1100)]
    [InlineData(1400)]
    [InlineData(1800)]
    public async Task A_start_cancelled_at_any_moment_leaves_nothing_running_and_the_next_start_works(int milliseconds)
    {
        using var cancel = new CancellationTokenSource(milliseconds);
        try
        {
            await (await EmbeddedPostgres.StartAsync(folder.Options, NullLogger.Instance, cancel.Token)).DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // As asked for.
        }

        await folder.NothingRunsAsync();
        await using var postgres = await StartAsync();
        Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_server_that_does_not_come_up_in_time_is_killed_and_its_log_told()
    {
        await (await StartAsync()).DisposeAsync();
        var slow = PretendServer("""echo "no disk today" >&2; exec sleep 600""");

        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => folder.StartAsync(options =>
        {
            options.BinDirectory = slow;
            options.StartupTimeout = TimeSpan.FromSeconds(2);
        }));

        Assert.Contains("no disk today", failure.Message);
        Assert.Contains("EmbeddedPostgres:StartupTimeout", failure.Message);
        await folder.NothingRunsAsync();
    }

    private Task<EmbeddedPostgres> StartAsync() => EmbeddedPostgres.StartAsync(folder.Options, logger, TestContext.Current.CancellationToken);

    private Task<string> LogAsync() => File.ReadAllTextAsync(folder.In("postgres.log"), TestContext.Current.CancellationToken);

    /// <summary>A sleeping process of the server's user, under the given name: such a one keeps PostgreSQL from starting.</summary>
    private Process StartBystander(string name)
    {
        var program = folder.Beside(name);
        File.Copy("/bin/sleep", program);
        var start = new ProcessStartInfo(program, ["600"]) { WorkingDirectory = "/" };
        if (ServerAccount.IsRoot)
            start.UserName = "postgres";
        return Process.Start(start)!;
    }

    private async Task LeaveStaleFileAsync(int processId)
    {
        var file = folder.In("data/postmaster.pid");
        await File.WriteAllTextAsync(file, $"{processId}\n{folder.Data}\n1700000000\n1\n\n127.0.0.1\n  1 1\nready   \n", TestContext.Current.CancellationToken);
        if (ServerAccount.IsRoot)
        {
            using var chown = Process.Start("chown", ["postgres", file]);
            await chown.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A folder of PostgreSQL's programs in which the server is the given shell script.</summary>
    private string PretendServer(string script)
    {
        var directory = Directory.CreateDirectory(folder.Beside("bin")).FullName;
        File.WriteAllText(Path.Combine(directory, "postgres"), $"""
            #!/bin/sh
            case "$1" in --version|-V) exec {RealBinaries}/postgres --version;; esac
            {script}
            """);
        File.SetUnixFileMode(Path.Combine(directory, "postgres"), (UnixFileMode)0b111_101_101);
        foreach (var real in new[] { "pg_ctl", "initdb" })
            File.Copy(Path.Combine(RealBinaries, real), Path.Combine(directory, real));
        return directory;
    }

    private static async Task<object?> UntilItAnswersAsync(string connectionString, string sql)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await Sql.ScalarAsync(connectionString, sql);
            }
            catch (NpgsqlException) when (watch.Elapsed < TimeSpan.FromSeconds(20))
            {
                await Task.Delay(200, TestContext.Current.CancellationToken);
            }
        }
    }
}
