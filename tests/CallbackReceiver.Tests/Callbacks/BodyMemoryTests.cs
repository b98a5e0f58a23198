using System.Collections.Concurrent;
using System.Net;
using CallbackReceiver.Access;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>Bodies that grow at the same time share the memory, and never wait for each other for ever.</summary>
public sealed class BodyMemoryTests
{
    private const int Longest = 1024 * 1024;

    [Theory]
    [InlineData(2 * Longest)]
    [InlineData(5 * Longest)]
    public async Task Half_read_bodies_that_need_more_than_there_is_all_become_whole(int bytes)
    {
        var senders = new VerifiedSenders(TimeProvider.System);
        senders.Add(NetworkOf(0));
        using var memory = MemoryOf(bytes, senders);
        var inUse = 0L;
        var most = 0L;

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => ReceiveAsync(NetworkOf(i % 4)))));

        Assert.InRange(most, Longest, bytes);

        async Task ReceiveAsync(ClientNetwork network)
        {
            using var reading = new CancellationTokenSource();
            using var room = memory.Enter(network, reading);
            var has = 0;
            for (var length = 2 * BodyMemory.FreeBytes; length <= Longest; length *= 2)
            {
                Assert.True(await memory.GrowAsync(room, length, reading.Token));
                var now = Interlocked.Add(ref inUse, length - has);
                has = length;
                for (var before = Volatile.Read(ref most); now > before && Interlocked.CompareExchange(ref most, now, before) != before;)
                    before = Volatile.Read(ref most);
                await Task.Yield();
            }

            room.EndReading();
            Interlocked.Add(ref inUse, -has);
        }
    }

    [Fact]
    public async Task A_slow_body_gives_way_and_one_that_has_come_does_not()
    {
        using var memory = MemoryOf(2 * Longest, new VerifiedSenders(TimeProvider.System));
        using var ofSlow = new CancellationTokenSource();
        using var ofNext = new CancellationTokenSource();
        using var slow = memory.Enter(NetworkOf(1), ofSlow);
        Assert.True(await memory.GrowAsync(slow, Longest, CancellationToken.None));
        slow.WaitForSender();
        using var next = memory.Enter(NetworkOf(2), ofNext);

        var growing = memory.GrowAsync(next, Longest, CancellationToken.None).AsTask();
        await Eventually.HoldsAsync(() => Task.FromResult(ofSlow.IsCancellationRequested), "its reading is ended");
        Assert.True(slow.HasGivenWay);
        Assert.False(growing.IsCompleted);
        slow.Dispose();
        Assert.True(await growing);

        next.WaitForSender();
        next.EndReading();
        Assert.False(next.IsSlow());
    }

    /// <summary>There is room for some ten at once: three hundred would take the memory for half a minute, a second each.</summary>
    [Theory]
    [InlineData(true, 80)]
    [InlineData(false, 100)]
    public async Task A_body_that_keeps_the_pace_soon_passes_those_from_its_network_that_announce_much_and_send_little(bool isKnown, int mostSteps)
    {
        var time = new FakeTimeProvider();
        var network = NetworkOf(isKnown ? 0 : 1);
        var senders = new VerifiedSenders(TimeProvider.System);
        senders.Add(NetworkOf(0));
        using var memory = MemoryOf(20 * Longest, senders, time);
        var slow = new ConcurrentQueue<BodyRoom>();
        var ended = 0;
        using var stop = new CancellationTokenSource();
        var trickling = Enumerable.Range(0, 300).Select(_ => TrickleAsync()).ToList();
        var whole = GrowWholeAsync();

        var steps = 0;
        for (; !whole.IsCompleted; steps++)
        {
            time.Advance(TimeSpan.FromMilliseconds(300));
            await Eventually.HoldsAsync(() => Task.FromResult(whole.IsCompleted || slow.Count - Volatile.Read(ref ended) > 0 && !slow.Any(room => room.IsSlow())), "others hold the memory");
        }

        Assert.InRange(steps, 1, mostSteps); // where each took a second they would be 108 for known senders, and more for strangers, who have less room
        Assert.True(await whole);
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(trickling), Assert.True);

        async Task<bool> TrickleAsync()
        {
            using var reading = new CancellationTokenSource();
            using var room = memory.Enter(network, reading);
            if (!await memory.GrowAsync(room, Longest, CancellationToken.None))
                return false;
            room.WaitForSender();
            slow.Enqueue(room);
            while (!reading.IsCancellationRequested && !stop.IsCancellationRequested)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            room.EndReading();
            Interlocked.Increment(ref ended);
            return true;
        }

        async Task<bool> GrowWholeAsync()
        {
            using var reading = new CancellationTokenSource();
            using var room = memory.Enter(network, reading);
            return await memory.GrowAsync(room, Longest, CancellationToken.None);
        }
    }

    private static BodyMemory MemoryOf(int bytes, VerifiedSenders senders, TimeProvider? time = null) =>
        new(Options.Create(new CallbackOptions { MaxBodyBytes = Longest, BodyMemoryBytes = bytes }), senders, time ?? TimeProvider.System);

    private static ClientNetwork NetworkOf(int number) => ClientNetwork.Of(new IPAddress([127, 0, 0, (byte)(number + 1)]));
}
