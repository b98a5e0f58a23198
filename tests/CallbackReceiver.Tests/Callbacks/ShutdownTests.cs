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
