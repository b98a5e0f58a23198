using CallbackReceiver.Callbacks;
using Microsoft.Extensions.DependencyInjection;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Sees to it that callbacks share a commit.</summary>
internal static class OneBatch
{
    /// <summary>What a service is started with for it.</summary>
    public static ReceiverSettings Settings => new() { Values = { ["Callbacks:Writers"] = "1" } };

    /// <summary>Posts the bodies: while the only writer waits for the ledger with another delivery, all of them gather.</summary>
    /// <returns>Their answers, in their order.</returns>
    public static async Task<Answer[]> PostAsync(ReceiverHost host, TestDatabase database, IReadOnlyList<byte[]> bodies)
    {
        Task<Answer> before;
        var answers = new List<Task<Answer>>();
        await using (await database.LockDeliveriesAsync())
        {
            before = SendAsync(new CallbackBuilder().Build());
            await Eventually.HoldsAsync(async () => await database.WaitingSessionsAsync() == 1, "the writer waits");
            foreach (var body in bodies)
                answers.Add(SendAsync(body));
            await Eventually.HoldsAsync(() => Task.FromResult(host.Services.GetRequiredService<Inbox>().Queued == bodies.Count), "all but one wait");
        }

        Assert.Equal("stored", (await before).Outcome);
        return await Task.WhenAll(answers);

        Task<Answer> SendAsync(byte[] body) => host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
    }
}
