using System.Security.Cryptography;
using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>A PostgreSQL that is away, behind a proxy that the test cuts, silences and mends; the service a process of its own.</summary>
public sealed class SpoolTests(Receiver receiver) : IClassFixture<Receiver>, IDisposable
{
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"callback-receiver-spool-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_comes_while_PostgreSQL_is_away_is_spooled_and_stored_once_when_it_is_back(bool silent)
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        await using var service = await StartAsync(connectionString);
        if (silent)
            proxy.Silence();
        else
            proxy.Cut();

        var bodies = Enumerable.Range(0, 5).Select(_ => new CallbackBuilder().Build()).Append(Guid.NewGuid().ToByteArray()).ToList();
        var answers = new List<Answer>();
        foreach (var body in bodies)
            answers.Add(await service.PostAsync("demo", body));

        Assert.All(answers, answer => Assert.Equal((202, "spooled"), (answer.Status, answer.Outcome)));
        await Eventually.HoldsAsync(async () => (await service.GetAsync("/healthz/ready", apiKey: null)).Status == 503, "the service is not ready");
        proxy.Mend();
        await service.UntilSpoolIsEmptyAsync();
        foreach (var (body, answer) in bodies.Zip(answers))
        {
            var row = Assert.Single(await receiver.QueryAsync("SELECT delivery_id, body FROM deliveries WHERE body_sha256 = sha256($1)", body));
            Assert.Equal((answer.DeliveryId, Convert.ToHexString(body)), ((Guid)row[0]!, Convert.ToHexString((byte[])row[1]!)));
        }
    }

    [Fact]
    public async Task What_a_killed_service_had_spooled_is_stored_by_the_next_one_and_is_no_newer_than_it_was()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        var meeting = CallbackBuilder.NewMeetingId();
        await using (var killed = await StartAsync(connectionString))
        {
            proxy.Cut();
            Assert.Equal("spooled", (await killed.PostAsync("demo", new CallbackBuilder(meeting) { Summary = "older" }.Build())).Outcome);
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        Assert.Equal("stored", (await receiver.Service.PostAsync("demo", new CallbackBuilder(meeting) { Summary = "newer" }.Build())).Outcome);
        proxy.Mend();
        await using var next = await StartAsync(connectionString);
        await next.UntilSpoolIsEmptyAsync();

        var shown = await next.GetAsync($"/api/v1/workspaces/demo/meetings/{meeting}");
        Assert.Equal(("newer", 1), (shown["summary"], shown.Revision));
        Assert.Equal(2, (await next.GetAsync($"/api/v1/workspaces/demo/meetings/{meeting}/revisions")).Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_full_spool_is_answered_503_and_nothing_of_it_is_kept()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        await using var service = await StartAsync(connectionString, ("Spool:MaxBytes", "20000"));
        proxy.Cut();

        var answers = new List<Answer>();
        for (var i = 0; i < 20; i++)
            answers.Add(await service.PostAsync("demo", new CallbackBuilder { Summary = new string('x', 2000) }.Build()));

        Assert.Equal("spooled", answers[0].Outcome);
        Assert.Equal(503, answers[^1].Status);
        Assert.Equal(answers.Count(answer => answer.Status == 202), await service.SpooledAsync());
    }

    [Fact]
    public async Task A_spool_that_cannot_be_written_is_answered_503_and_not_ready()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        await using var service = await StartAsync(connectionString);
        await File.WriteAllTextAsync(directory + ".blocked", "");
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
        File.Move(directory + ".blocked", directory); // a file where the folder should be
        proxy.Cut();

        var answer = await service.PostAsync("demo", new CallbackBuilder().Build());

        Assert.Equal(503, answer.Status);
        proxy.Mend();
        await Eventually.HoldsAsync(async () => (await service.GetAsync("/healthz/ready", apiKey: null)).Status == 503, "the service is not ready");
        File.Delete(directory);
        await Eventually.HoldsAsync(async () => (await service.GetAsync("/healthz/ready", apiKey: null)).Status == 200);
    }

    [Fact]
    public async Task Files_of_the_version_before_are_taken_over_and_those_that_cannot_be_read_stop_nothing()
    {
        Directory.CreateDirectory(directory);
        var bodies = Enumerable.Range(0, 250).Select(_ => new CallbackBuilder().Build()).ToList();
        var ids = bodies.ConvertAll(_ => Guid.CreateVersion7());
        foreach (var (id, body) in ids.Zip(bodies))
            await File.WriteAllBytesAsync(Path.Combine(directory, $"{DateTime.UtcNow.Ticks:D17}-{id:N}.delivery"), FileOf(id, body));
        await File.WriteAllBytesAsync(Path.Combine(directory, "0-cut.delivery"), FileOf(Guid.NewGuid(), bodies[0])[..60]);
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(Path.Combine(directory, "0-loop.delivery"), "0-loop.delivery");

        await using var service = await StartAsync(receiver.ConnectionString);

        await Eventually.HoldsAsync(
            async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM deliveries WHERE delivery_id = ANY ($1) AND outcome = 'stored'", ids.ToArray()) == bodies.Count, "all are stored");
        await Eventually.HoldsAsync(
            async () => (await MetricsPage.ReadAsync(service)).Sum("callback_receiver_spool_damaged") == (OperatingSystem.IsWindows() ? 1 : 2), "the others are counted");
        Assert.DoesNotContain(Directory.GetFiles(directory, "*.delivery"), file => !file.EndsWith("0-loop.delivery", StringComparison.Ordinal));
    }

    /// <summary>As versions before the SQLite file wrote a delivery: a mark, the length of a header, the header, the body.</summary>
    private static byte[] FileOf(Guid id, byte[] body)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new
        {
            DeliveryId = id,
            WorkspaceId = Workspaces.Demo,
            KeyId = "key",
            ReceivedAt = DateTimeOffset.UtcNow,
            BodyLength = body.Length,
            BodySha256 = SHA256.HashData(body),
        });
        return [.. "CRSPOOL1"u8, .. BitConverter.GetBytes(header.Length), .. header, .. body];
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_service_that_starts_while_PostgreSQL_is_away_receives_is_live_and_not_ready_and_stores_by_itself_later(bool silent)
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        if (silent)
            proxy.Silence();
        else
            proxy.Cut();
        await using var service = await receiver.StartAsync(untilReady: false, ("ConnectionStrings:CallbackReceiver", connectionString), ("Spool:Directory", directory));

        var answer = await service.PostAsync("demo", new CallbackBuilder().Build());

        Assert.Equal((202, "spooled"), (answer.Status, answer.Outcome));
        Assert.Equal(200, (await service.GetAsync("/healthz/live", apiKey: null)).Status);
        await Eventually.HoldsAsync(async () => (await service.GetAsync("/healthz/ready", apiKey: null)).Status == 503, "the service is not ready");
        proxy.Mend();
        await service.UntilSpoolIsEmptyAsync();
        Assert.Single(await receiver.QueryAsync("SELECT 1 FROM deliveries WHERE delivery_id = $1", answer.DeliveryId));
        await Eventually.HoldsAsync(async () => (await service.GetAsync("/healthz/ready", apiKey: null)).Status == 200);
    }

    private Task<ReceiverProcess> StartAsync(string connectionString, params IEnumerable<(string Key, string Value)> changes) =>
        receiver.StartAsync([("ConnectionStrings:CallbackReceiver", connectionString), ("Spool:Directory", directory), .. changes]);
}
