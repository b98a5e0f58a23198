using System.Net.Sockets;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Connections that send a part of a long body, and then a few bytes at a time, until they are disposed or the service closes them.</summary>
internal sealed class SlowBodies : IAsyncDisposable
{
    private const int BodyBytes = 8 * 1024 * 1024;

    private readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly List<Task> sending = [];
    private int underWay;

    /// <summary>How many have sent their first part.</summary>
    public int UnderWay => Volatile.Read(ref underWay);

    /// <summary>How many were answered, or closed, by the service.</summary>
    public int Ended => sending.Count(task => task.IsCompleted);

    /// <param name="service">Where to.</param>
    /// <param name="addresses">Where from, one after the other.</param>
    /// <param name="count">How many.</param>
    /// <param name="atOnce">What each sends at once.</param>
    public static async Task<SlowBodies> StartAsync(Uri service, string[] addresses, int count, int atOnce)
    {
        var slow = new SlowBodies();
        for (var i = 0; i < count; i++)
        {
            var address = addresses[i % addresses.Length];
            slow.sending.Add(Task.Run(() => slow.SendAsync(service, address, atOnce)));
        }

        await Eventually.HoldsAsync(() => Task.FromResult(slow.UnderWay + slow.Ended >= count), "all are sending");
        return slow;
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await Task.WhenAll(sending);
        ended.Dispose();
    }

    private async Task SendAsync(Uri service, string address, int atOnce)
    {
        try
        {
            using var client = await RawHttp.ConnectAsync(service, address);
            var stream = client.GetStream();
            await stream.WriteAsync(RawHttp.Head(service, "/callbacks/demo", [$"Content-Length: {BodyBytes}", $"{CallbackClient.SignatureHeader}: {new string('a', 64)}"], close: false), ended.Token);
            var first = stream.WriteAsync(new byte[atOnce], ended.Token).AsTask();
            await Task.WhenAny(first, Task.Delay(TimeSpan.FromSeconds(1), ended.Token)); // what waits for memory is not taken
            Interlocked.Increment(ref underWay);
            await first;
            var answered = stream.ReadAsync(new byte[64], ended.Token).AsTask();
            while (!answered.IsCompleted)
            {
                await stream.WriteAsync(new byte[100], ended.Token);
                await Task.WhenAny(answered, Task.Delay(200, ended.Token));
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or IOException or SocketException)
        {
            // It has been answered, or the test is over.
        }
    }
}
