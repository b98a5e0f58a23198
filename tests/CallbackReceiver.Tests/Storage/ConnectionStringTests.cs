using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CallbackReceiver.Tests.Storage;

/// <summary>What a connection string says counts; defaults stand in for the rest.</summary>
public sealed class ConnectionStringTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task What_the_connection_string_names_is_kept_in_every_pool()
    {
        var settings = await SettingsAsync(";MaxAutoPrepare=0;Auto Prepare Min Usages=7;Write Buffer Size=9000;Application Name=mine;No Reset On Close=true;Timeout=9;Minimum Pool Size=20;Maximum Pool Size=40");

        Assert.All(settings, pool => Assert.Equal((0, 7, 9000, "mine", true, 9), (pool.MaxAutoPrepare, pool.AutoPrepareMinUsages, pool.WriteBufferSize, pool.ApplicationName, pool.NoResetOnClose, pool.Timeout)));
        Assert.Equal(40, settings.Sum(pool => pool.MaxPoolSize));
    }

    [Fact]
    public async Task What_it_leaves_out_has_a_default()
    {
        var settings = await SettingsAsync("");

        Assert.All(settings, pool => Assert.Equal((2, 65536, "callback-receiver", false, "UTF8"), (pool.AutoPrepareMinUsages, pool.WriteBufferSize, pool.ApplicationName, pool.NoResetOnClose, pool.ClientEncoding)));
        Assert.Equal([0, 0, 50, 50, 50], settings.Select(pool => pool.MaxAutoPrepare).Order()); // work in the background and the reading of events are planned each time
        Assert.Equal(PoolSizes.Default, settings.Sum(pool => pool.MaxPoolSize));
    }

    [Theory]
    [InlineData("Maximum Pool Size=15", "Maximum Pool Size must be at least 16")]
    [InlineData("Client Encoding=LATIN1", "leave out Client Encoding")]
    [InlineData("Encoding=iso-8859-1", "leave out Client Encoding")]
    public async Task What_cannot_work_stops_the_start_by_name(string setting, string fix)
    {
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(new Dictionary<string, string> { ["ConnectionStrings:CallbackReceiver"] = "Host=127.0.0.1;Port=1;" + setting });

        Assert.Equal(1, exitCode);
        Assert.Contains($"ConnectionStrings:CallbackReceiver: {fix}", log, StringComparison.Ordinal);
    }

    private async Task<List<NpgsqlConnectionStringBuilder>> SettingsAsync(string said)
    {
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString + said);
        var services = host.Services;
        NpgsqlDataSource[] pools =
        [
            services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<BackgroundDatabase>().DataSource, services.GetRequiredService<EventDatabase>().DataSource,
            services.GetRequiredService<ManageDatabase>().DataSource, services.GetRequiredService<ReadDatabase>().DataSource,
        ];
        return [.. pools.Select(pool => new NpgsqlConnectionStringBuilder(pool.ConnectionString))];
    }
}
