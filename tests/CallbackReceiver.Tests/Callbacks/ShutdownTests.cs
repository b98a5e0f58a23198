using System.Collections.Concurrent;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class ShutdownTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Stop_answers_all_that_was_accepted_after_its_commit()
    {
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings { Values = { ["Callbacks:Writers"] = "1" } });
        var bodies = Enumerable.Range(0, 20).Select(_ => new CallbackBuilder().Build()).ToArray();
        Task<Answer>[] answers;
        Task stopping;
        await using (await database.LockDeliveriesAsync())
        {
            var first = host.Client.PostAsync(Workspaces.Demo, bodies[0], Keys.Demo);
            await Eventually.HoldsAsync(async () => await database.WaitingSessionsAsync() == 1, "the writer waits");
            answers = [first, .. bodies.Skip(1).Select(body => host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo))];
            await Eventually.HoldsAsync(() => Task.FromResult(host.Services.GetRequiredService<Inbox>().Queued == bodies.Length - 1), "the others are queued");
            stopping = host.StopAsync();
            await Eventually.HoldsAsync(() => Task.FromResult(host.Lifetime.ApplicationStopping.IsCancellationRequested), "the service is stopping");
            await Eventually.HoldsAsync(async () => !await IsListeningAsync(host.Address), "the service takes no more connections");
            Assert.DoesNotContain(answers, answer => answer.IsCompleted);
        }

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal((200, "stored"), (answer.Status, answer.Outcome)));
        await stopping;
        foreach (var body in bodies)
            Assert.NotNull(await database.DeliveryOfAsync(body));
    }

    [Fact]
    public async Task SIGTERM_ends_the_process_in_order_and_every_200_is_a_row()
    {
        const int Clients = 16;
        const int AnswersBefore = 300;
        await using var process = await ReceiverProcess.StartAsync(
            new Dictionary<string, string>(Keys.Settings) { ["ConnectionStrings:CallbackReceiver"] = database.ConnectionString, ["Spool:MaxBytes"] = "0" });
        var stored = new ConcurrentBag<byte[]>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clients = Enumerable.Range(0, Clients).Select(async _ =>
        {
            try
            {
                while (true)
                {
                    var body = new CallbackBuilder().Build();
                    var answer = await process.PostAsync(Workspaces.Demo, body);
                    Assert.Equal("stored", answer.Outcome);
                    stored.Add(body);
                    if (stored.Count >= AnswersBefore)
                        enough.TrySetResult();
                }
            }
            catch (HttpRequestException)
            {
                // The service is gone.
            }
        }).ToArray();
        await await Task.WhenAny(enough.Task, Task.WhenAll(clients)).WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        process.Terminate();

        Assert.Equal(0, await process.WaitForExitAsync());
        await Task.WhenAll(clients);
        Assert.True(stored.Count >= AnswersBefore);
        var rows = (await database.DeliveriesAsync()).Select(row => Convert.ToHexString(row.BodySha256)).ToHashSet();
        Assert.DoesNotContain(stored, body => !rows.Contains(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(body))));
        Assert.Contains("every accepted delivery has been answered", process.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_while_PostgreSQL_hangs_ends_in_order_and_every_202_is_in_the_spool()
    {
        var spool = Directory.CreateTempSubdirectory("callback-receiver-shutdown-");
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        await using var process = await StartAsync(connectionString, spool.FullName);
        proxy.Silence();
        var spooled = new ConcurrentBag<Guid>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clients = Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                while (true)
                {
                    var answer = await process.PostAsync(Workspaces.Demo, new CallbackBuilder().Build());
                    Assert.Equal("spooled", answer.Outcome);
                    spooled.Add(answer.DeliveryId);
                    if (spooled.Count >= 50)
                        enough.TrySetResult();
                }
            }
            catch (HttpRequestException)
            {
                // The service is gone.
            }
        }).ToArray();
        await await Task.WhenAny(enough.Task, Task.WhenAll(clients)).WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        var hanging = process.GetAsync("/api/v1/workspaces"); // a reader that waits for PostgreSQL in vain

        Assert.Equal(0, await process.StopAsync());

        await Task.WhenAll(clients);
        await hanging.ContinueWith(_ => { }, TaskScheduler.Default); // broken off or answered 503
        proxy.Mend();
        await using (var next = await StartAsync(connectionString, spool.FullName))
            await next.UntilSpoolIsEmptyAsync();
        Assert.Superset(spooled.ToHashSet(), (await database.DeliveriesAsync()).Select(row => row.DeliveryId).ToHashSet());
        spool.Delete(recursive: true);
    }

    [Fact]
    public async Task SIGTERM_does_not_wait_for_a_body_that_does_not_come()
    {
        await using var process = await StartAsync(database.ConnectionString, Path.Combine(Path.GetTempPath(), $"callback-receiver-{Guid.NewGuid():N}"));
        using var client = await RawHttp.ConnectAsync(process.Address);
        await client.GetStream().WriteAsync(RawHttp.Head(process.Address, "/callbacks/demo", ["Content-Length: 1000"], close: false), TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync("{"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        var answer = reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.PostAsync(Workspaces.Demo, new CallbackBuilder().Build()); // the one before is being read

        Assert.Equal(0, await process.StopAsync());

        Assert.StartsWith("HTTP/1.1 503 ", await answer, StringComparison.Ordinal);
    }

    private static Task<ReceiverProcess> StartAsync(string connectionString, string spool) => ReceiverProcess.StartAsync(
        new Dictionary<string, string>(Keys.Settings) { ["ConnectionStrings:CallbackReceiver"] = connectionString, ["Spool:Directory"] = spool });

    private static async Task<bool> IsListeningAsync(Uri address)
    {
        try
        {
            using var client = await RawHttp.ConnectAsync(address);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
