using System.Runtime.Versioning;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Storage.Embedded;

/// <summary>The whole service, in processes of its own, with its own PostgreSQL.</summary>
[SupportedOSPlatform("linux")]
public sealed class EmbeddedPostgresServiceTests : IDisposable
{
    private readonly StateFolder folder = new();

    private string Gate => folder.Beside("gate");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_receives_before_PostgreSQL_is_up_and_stores_what_was_spooled_once_it_is()
    {
        await using var service = await StartAsync(GatedPrograms());

        var spooled = await PostAsync(service, "spooled", 202);
        Assert.Equal(200, (await service.GetAsync("/healthz/live", apiKey: null)).Status);
        var ready = await service.GetAsync("/healthz/ready", apiKey: null);
        Assert.Equal(503, ready.Status);
        Assert.StartsWith("Unhealthy\npostgresql: PostgreSQL", ready.Body, StringComparison.Ordinal);
        Assert.Equal(503, (await service.GetAsync("/api/v1/workspaces/demo/meetings")).Status);

        OpenGate();

        await IsStoredAsync(service, spooled);
        await IsReadyAsync(service);
        await PostAsync(service, "stored", 200);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_stop_while_PostgreSQL_starts_leaves_nothing_running_and_the_spool_to_the_next_start(string signal)
    {
        Guid spooled;
        await using (var stopped = await StartAsync(GatedPrograms()))
        {
            spooled = await PostAsync(stopped, "spooled", 202);
            await Eventually.HoldsAsync(() => Task.FromResult(folder.Processes().Any(process => process.Contains("pg_ctl", StringComparison.Ordinal))));

            Assert.Equal(0, await stopped.StopAsync(signal));

            await folder.NothingRunsAsync();
        }

        OpenGate();
        await using var next = await StartAsync();
        await IsStoredAsync(next, spooled);
    }

    [Fact]
    public async Task Every_signal_that_ends_a_program_stops_the_receiving_then_the_inbox_then_PostgreSQL()
    {
        foreach (var signal in new[] { "HUP", "INT", "QUIT", "TERM" })
        {
            await using var service = await StartAsync();
            await IsReadyAsync(service);
            await PostAsync(service, "stored", 200);

            Assert.Equal(0, await service.StopAsync(signal));

            await folder.NothingRunsAsync();
            var (drained, stopped) = (service.Log.IndexOf("every accepted delivery", StringComparison.Ordinal), service.Log.IndexOf("PostgreSQL has stopped", StringComparison.Ordinal));
            Assert.True(drained >= 0 && stopped > drained, $"SIG{signal}: {service.Log}");
            Assert.EndsWith("database system is shut down", (await LogAsync()).TrimEnd(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_start_right_after_a_kill_copes_with_a_server_that_was_still_starting()
    {
        var programs = GatedPrograms();
        var killed = await StartAsync(programs);
        var first = await PostAsync(killed, "spooled", 202);
        await Eventually.HoldsAsync(() => Task.FromResult(folder.Processes().Any(process => process.Contains("pg_ctl", StringComparison.Ordinal))));
        killed.Kill();
        await killed.WaitForExitAsync();

        await using var service = await StartAsync(programs);
        var second = await PostAsync(service, "spooled", 202);
        OpenGate();

        await IsStoredAsync(service, first);
        await IsStoredAsync(service, second);
        await killed.DisposeAsync();
    }

    [Fact]
    public async Task What_a_person_has_to_mend_before_PostgreSQL_is_started_ends_the_service_before_it_listens()
    {
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(Settings(("EmbeddedPostgres:BinDirectory", "/usr/games")));

        Assert.Equal(1, exitCode);
        Assert.Contains("EmbeddedPostgres:BinDirectory is /usr/games", log);
        Assert.DoesNotContain("Now listening", log);
    }

    [Fact]
    public async Task A_server_that_never_starts_ends_the_service_unless_deliveries_wait_in_the_spool()
    {
        var wrong = ("EmbeddedPostgres:Parameters:no_such_setting", "1");
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(Settings(wrong));
        Assert.Equal(1, exitCode);
        Assert.Contains("unrecognized configuration parameter \"no_such_setting\"", log);

        Guid spooled;
        await using (var service = await StartAsync(wrong))
        {
            spooled = await PostAsync(service, "spooled", 202);
            await Eventually.HoldsAsync(() => Task.FromResult(service.Log.Split("PostgreSQL could not be started; ").Length > 4));
            await PostAsync(service, "spooled", 202);
            Assert.Equal(0, await service.StopAsync());
        }

        await using var mended = await StartAsync();
        await IsStoredAsync(mended, spooled);
    }

    private (string Key, string Value) GatedPrograms() =>
        ("EmbeddedPostgres:BinDirectory", WrappedPrograms.Make(folder, WrappedPrograms.WaitFor(Gate)));

    private void OpenGate() => File.WriteAllText(Gate, "");

    private Task<ReceiverProcess> StartAsync(params (string Key, string Value)[] changes) => ReceiverProcess.StartAsync(Settings(changes), untilReady: false);

    private Dictionary<string, string> Settings(params (string Key, string Value)[] changes)
    {
        var settings = new Dictionary<string, string>(Keys.Settings) { ["EmbeddedPostgres:Directory"] = folder.Path };
        foreach (var (key, value) in changes)
            settings[key] = value;
        return settings;
    }

    private static async Task<Guid> PostAsync(ReceiverProcess service, string outcome, int status)
    {
        var answer = await service.PostAsync(Workspaces.Demo, new CallbackBuilder().Build());
        Assert.True((answer.Status, answer.Outcome) == (status, outcome), $"{answer}\n{service.Log}");
        return answer.DeliveryId;
    }

    private static Task IsStoredAsync(ReceiverProcess service, Guid deliveryId) =>
        Eventually.HoldsAsync(async () => (await service.GetAsync($"/api/v1/workspaces/demo/deliveries/{deliveryId}")).Status == 200, $"{deliveryId} is stored");

    private static Task IsReadyAsync(ReceiverProcess service) =>
        Eventually.HoldsAsync(async () => (await service.GetAsync("/healthz/ready", apiKey: null)).Status == 200, "the service is ready");

    private Task<string> LogAsync() => File.ReadAllTextAsync(folder.In("postgres.log"), TestContext.Current.CancellationToken);
}
