using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using CallbackReceiver.Storage.Embedded;
using CallbackReceiver.Tests.Infrastructure;
using Npgsql;

namespace CallbackReceiver.Tests.Storage.Embedded;

/// <summary>What is waited for as long as it makes progress, or passes by itself.</summary>
[SupportedOSPlatform("linux")]
public sealed class EmbeddedPostgresPatienceTests : IDisposable
{
    private readonly StateFolder folder = new();
    private readonly RecordingLogger logger = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("for i in 1 2 3 4 5 6 7 8; do echo redo in progress >&2; sleep 1; done")] // what reports
    [InlineData("end=$(($(date +%s) + 8)); while [ $(date +%s) -lt $end ]; do :; done")] // what computes
    public async Task A_start_that_makes_progress_may_take_longer_than_StartupTimeout(string work)
    {
        await using var postgres = await folder.StartAsync(options =>
        {
            options.BinDirectory = WrappedPrograms.Make(folder, work);
            options.StartupTimeout = TimeSpan.FromSeconds(4); // half of what the work takes
        });

        Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task The_server_of_a_killed_service_is_waited_for_while_it_recovers()
    {
        var (service, connectionString) = await EmbeddedPostgresHost.StartAsync(folder.Path);
        await Sql.ScalarAsync(connectionString, "CREATE TABLE kept AS SELECT id, repeat('x', 500) AS filling FROM generate_series(1, 100000) AS id");
        service.Kill();
        await service.WaitForExitAsync(TestContext.Current.CancellationToken);
        var recovering = await CrashAndHoldRecoveryAsync(connectionString);

        var starting = EmbeddedPostgres.StartAsync(folder.Options, logger, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => Task.FromResult(logger.Messages.Any(logged => logged.Event.Id == 7116)), "the recovery is waited for");
        Assert.False(starting.IsCompleted);
        await Signals.SendAsync("CONT", recovering);

        await using var postgres = await starting;
        Assert.Equal(100_000L, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT count(*) FROM kept"));
        var log = await File.ReadAllTextAsync(folder.In("postgres.log"), TestContext.Current.CancellationToken);
        Assert.Contains("database system is shut down", log); // in order, when it had recovered
    }

    [Fact]
    public async Task The_server_of_a_killed_service_that_hangs_is_stopped()
    {
        var (service, _) = await EmbeddedPostgresHost.StartAsync(folder.Path);
        service.Kill();
        await service.WaitForExitAsync(TestContext.Current.CancellationToken);
        var hanging = folder.PostmasterId();
        await Signals.SendAsync("STOP", hanging);

        await using var postgres = await folder.StartAsync(options => options.StartupTimeout = TimeSpan.FromSeconds(4));

        Assert.Null(LiveProcess.Find(hanging));
        Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_port_that_another_program_takes_before_the_server_listens_is_waited_for()
    {
        using var taker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taker.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        taker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var conditions = StartConditions.Current with { ChoosePort = () => ((IPEndPoint)taker.LocalEndPoint!).Port };
        await (await folder.StartAsync()).DisposeAsync();

        await using var postgres = await EmbeddedPostgres.OpenAsync(folder.Options, conditions, logger, TestContext.Current.CancellationToken);
        taker.Listen();
        postgres.Begin((failure, _) => throw failure);
        await Eventually.HoldsAsync(() => Task.FromResult(logger.Messages.Any(logged => logged.Event.Id == 7113)), "the port is waited for");
        taker.Close();

        await postgres.WhenUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Who_connects_before_the_server_runs_is_refused_at_once()
    {
        await using var postgres = await EmbeddedPostgres.OpenAsync(folder.Options, logger, TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<NpgsqlException>(() => Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));

        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
    }

    /// <summary>Kills a session, upon which the server recovers, and holds the process that does so.</summary>
    /// <returns>Its id.</returns>
    private async Task<int> CrashAndHoldRecoveryAsync(string connectionString)
    {
        var session = await Sql.ScalarAsync(connectionString, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'");
        Signals.Kill((int)session!);
        var postmaster = folder.PostmasterId();
        var startup = 0;
        await Eventually.HoldsAsync(() =>
        {
            startup = folder.Processes().Where(process => process.Contains("postgres: startup", StringComparison.Ordinal)).Select(process => int.Parse(process.Split(':')[0])).FirstOrDefault();
            return Task.FromResult(startup != 0);
        }, $"the server {postmaster} recovers");
        await Signals.SendAsync("STOP", startup);
        return startup;
    }
}
