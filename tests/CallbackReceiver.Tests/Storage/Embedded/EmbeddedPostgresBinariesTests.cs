using System.Runtime.Versioning;
using CallbackReceiver.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallbackReceiver.Tests.Storage.Embedded;

[SupportedOSPlatform("linux")]
public sealed class EmbeddedPostgresBinariesTests(MavenMirror maven) : IClassFixture<MavenMirror>, IDisposable
{
    private const string RealBinaries = "/usr/lib/postgresql/15/bin";
    private const string Nowhere = "http://127.0.0.1:9";

    private readonly StateFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task On_a_machine_without_postgresql_it_is_fetched_and_found_again_without_the_network()
    {
        var options = BareMachine(maven.Url);
        await using (var postgres = await StartAsync(options, mayFetch: true))
        {
            Assert.Equal(1, await Sql.ScalarAsync(postgres.ConnectionString, "SELECT 1"));
            var share = (string?)await Sql.ScalarAsync(postgres.ConnectionString, "SELECT setting FROM pg_config WHERE name = 'SHAREDIR'");
            Assert.StartsWith(folder.In("binaries"), share);
        }

        Assert.Contains(maven.Requests, path => path.EndsWith($"-{MavenMirror.Version}.jar", StringComparison.Ordinal));
        await using var again = await StartAsync(BareMachine(Nowhere), mayFetch: false);
        Assert.Equal(1, await Sql.ScalarAsync(again.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Without_postgresql_and_without_network_the_failure_names_every_way_out()
    {
        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => StartAsync(BareMachine(Nowhere), mayFetch: true));

        AssertNamesTheWaysOut(failure.Message);
    }

    [Fact]
    public async Task Root_does_not_fetch_and_is_told_every_way_out()
    {
        var before = maven.Requests.Count;

        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => StartAsync(BareMachine(maven.Url), mayFetch: false));

        Assert.Contains("root", failure.Message);
        AssertNamesTheWaysOut(failure.Message);
        Assert.Equal(before, maven.Requests.Count);
    }

    [Fact]
    public async Task A_version_older_than_15_is_passed_over()
    {
        var old = PretendBinaries("postgres (PostgreSQL) 14.9");

        await using var postgres = await folder.StartAsync(options => options.SearchDirectories = [old, RealBinaries]);

        Assert.StartsWith("15.", (string?)await Sql.ScalarAsync(postgres.ConnectionString, "SHOW server_version"));
    }

    [Fact]
    public async Task Only_an_older_version_on_the_machine_is_told_as_such()
    {
        var options = BareMachine(Nowhere);
        options.SearchDirectories = [PretendBinaries("postgres (PostgreSQL) 14.9")];

        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => StartAsync(options, mayFetch: false));

        Assert.Contains("there is PostgreSQL 14 in", failure.Message);
        AssertNamesTheWaysOut(failure.Message);
    }

    [Fact]
    public async Task Data_is_served_by_the_major_version_that_made_it_though_a_newer_one_comes_first()
    {
        await (await folder.StartAsync()).DisposeAsync();
        var newer = PretendBinaries("postgres (PostgreSQL) 99.1");

        await using var postgres = await folder.StartAsync(options =>
        {
            options.BinDirectory = newer;
            options.SearchDirectories = [RealBinaries];
        });

        Assert.StartsWith("15.", (string?)await Sql.ScalarAsync(postgres.ConnectionString, "SHOW server_version"));
    }

    [Fact]
    public async Task Data_of_a_major_version_that_is_not_here_is_left_alone_with_the_ways_out()
    {
        await (await folder.StartAsync()).DisposeAsync();
        await File.WriteAllTextAsync(folder.In("data/PG_VERSION"), "16\n", TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => StartAsync(folder.Options with { MavenRepository = Nowhere }, mayFetch: false));

        Assert.Contains("made by PostgreSQL 16", failure.Message);
        Assert.Contains("apt-get install postgresql-16", failure.Message);
        Assert.Contains("EmbeddedPostgres:BinDirectory", failure.Message);
        Assert.Contains("pg_upgrade", failure.Message);
    }

    [Fact]
    public async Task A_configured_folder_without_the_programs_is_an_error_and_not_overlooked()
    {
        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => folder.StartAsync(options => options.BinDirectory = "/usr/games"));

        Assert.Contains("EmbeddedPostgres:BinDirectory is /usr/games", failure.Message);
    }

    private EmbeddedPostgresOptions BareMachine(string maven) => folder.Options with
    {
        SearchDirectories = [],
        MavenRepository = maven,
        Version = "15",
    };

    private static Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, bool mayFetch) => EmbeddedPostgres.StartAsync(
        options, StartConditions.Current with { MayFetch = mayFetch }, NullLogger.Instance, TestContext.Current.CancellationToken);

    private static void AssertNamesTheWaysOut(string message)
    {
        Assert.Contains("apt-get install postgresql", message);
        Assert.Contains("brew install postgresql", message);
        Assert.Contains("docker compose up", message);
        Assert.Contains("EmbeddedPostgres:BinDirectory", message);
        Assert.Contains("ConnectionStrings:CallbackReceiver", message);
    }

    private string PretendBinaries(string versionLine)
    {
        var directory = Directory.CreateDirectory(folder.Beside("pretend")).FullName;
        foreach (var program in new[] { "postgres", "initdb", "pg_ctl" })
        {
            File.WriteAllText(Path.Combine(directory, program), $"#!/bin/sh\necho '{versionLine}'\n");
            File.SetUnixFileMode(Path.Combine(directory, program), (UnixFileMode)0b111_101_101);
        }

        return directory;
    }
}
