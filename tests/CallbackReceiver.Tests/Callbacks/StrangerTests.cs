using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>What is signed is received whatever strangers do, from their networks or from the sender's own.</summary>
public sealed class StrangerTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Home = "127.0.0.1";
    private const string Strange = "127.0.0.2";

    private static readonly string WrongSignature = new('a', 64);

    public static TheoryData<string[], int, int> Floods => new()
    {
        { ["127.0.0.2"], 100, 130 * 1024 },
        { ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6"], 100, 300 * 1024 },
        { ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6"], 40, 7 * 1024 * 1024 },
        { [Home], 100, 130 * 1024 },
        { [Home], 20, 5 * 1024 * 1024 },
    };

    [Theory]
    [MemberData(nameof(Floods))]
    public async Task A_signed_body_of_8_MiB_is_taken_while_bodies_of_strangers_trickle(string[] addresses, int count, int atOnce)
    {
        foreach (var isVerifiedBefore in new[] { false, true })
        {
            await using var service = await receiver.StartAsync(("Callbacks:BodyTimeout", "01:00:00"), ("Limits:BodyBytesPerSecond", "1"));
            using var sender = new Sender(service.Address, Home);
            if (isVerifiedBefore)
                await sender.PostTakenAsync(new CallbackBuilder());
            await using var slow = await SlowBodies.StartAsync(service.Address, addresses, count, atOnce);

            await sender.PostTakenAsync(new CallbackBuilder { Summary = new string('x', 8_000_000) });
        }
    }

    [Fact]
    public async Task A_body_that_trickles_is_left_alone_as_long_as_there_is_memory()
    {
        await using var service = await receiver.StartAsync(("Callbacks:BodyTimeout", "01:00:00"), ("Limits:BodyBytesPerSecond", "1"));
        await using var slow = await SlowBodies.StartAsync(service.Address, [Strange], 10, 130 * 1024);
        using var sender = new Sender(service.Address, Home);

        for (var i = 0; i < 10; i++)
            await sender.PostTakenAsync(new CallbackBuilder { Summary = new string('x', 4_000_000) });

        Assert.Equal(0, slow.Ended);
    }

    [Fact]
    public async Task A_network_that_signed_nothing_is_refused_unread_once_much_was_hashed_for_it()
    {
        await using var service = await receiver.StartAsync(("Callbacks:StrangerHashBytesPerMinute", "1000"));
        using var sender = new Sender(service.Address, Home);
        using var stranger = new Sender(service.Address, Strange);
        await sender.PostTakenAsync(new CallbackBuilder());

        Assert.Equal(401, (await stranger.PostAsync("demo", new byte[100_000], WrongSignature)).Status);
        foreach (var workspaceId in new[] { "demo", "unknown", null })
        {
            var refused = await stranger.PostAsync(workspaceId, new byte[100], WrongSignature);
            Assert.Equal((429, "urn:callback-receiver:problem:too-many-bad-signatures"), (refused.Status, refused["type"]));
        }

        Assert.Equal("429", await StatusWithoutBodyAsync(service, Strange));
        Assert.Equal(429, (await stranger.PostAsync(new CallbackBuilder())).Status);
        await sender.PostTakenAsync(new CallbackBuilder());
    }

    [Fact]
    public async Task A_network_that_signs_is_never_refused_for_what_was_hashed()
    {
        await using var service = await receiver.StartAsync(("Callbacks:StrangerHashBytesPerMinute", "1000"));
        using var sender = new Sender(service.Address, Home);

        for (var i = 0; i < 3; i++)
            await sender.PostTakenAsync(new CallbackBuilder { Summary = new string('x', 100_000) });
        for (var i = 0; i < 3; i++)
            Assert.Equal(401, (await sender.PostAsync("demo", new byte[100_000], WrongSignature)).Status);

        await sender.PostTakenAsync(new CallbackBuilder());
    }

    [Fact]
    public async Task What_no_key_can_have_signed_is_not_hashed()
    {
        await using var service = await receiver.StartAsync(("Callbacks:StrangerHashBytesPerMinute", "1000"));
        using var stranger = new Sender(service.Address, Strange);

        foreach (var signature in new[] { null, "", "malformed", WrongSignature + "0" })
        {
            foreach (var workspaceId in new[] { "demo", "unknown", null })
                Assert.Equal(401, (await stranger.PostAsync(workspaceId, new byte[1_000_000], signature)).Status);
        }

        await stranger.PostTakenAsync(new CallbackBuilder());
    }

    [Fact]
    public async Task One_networks_refused_bodies_leave_room_for_those_of_others()
    {
        using var stranger = new Sender(receiver.Service.Address, Strange, keepsAlive: true);
        using var another = new Sender(receiver.Service.Address, "127.0.0.3");
        var awaited = new CallbackBuilder("awaited").Build();
        await using (var connection = await receiver.OpenAsync())
        {
            await using var locking = new Npgsql.NpgsqlCommand("BEGIN; LOCK TABLE unverified_deliveries", connection);
            await locking.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            for (var i = 0; i < 70; i++)
                Assert.Equal(401, (await stranger.PostAsync("demo", new CallbackBuilder($"flood {i}").Build(), WrongSignature)).Status);
            Assert.Equal(401, (await another.PostAsync("demo", awaited, WrongSignature)).Status);
        }

        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM unverified_deliveries WHERE body = $1)", awaited), "it is kept");
    }

    /// <summary>Announces a body, and sends none of it.</summary>
    private static async Task<string> StatusWithoutBodyAsync(ReceiverProcess service, string from)
    {
        using var client = await RawHttp.ConnectAsync(service.Address, from);
        var stream = client.GetStream();
        await stream.WriteAsync(RawHttp.Head(service.Address, "/callbacks/demo", ["Content-Length: 1000000", $"{CallbackClient.SignatureHeader}: {WrongSignature}"], close: false), TestContext.Current.CancellationToken);
        var answer = new byte[64];
        var read = await stream.ReadAsync(answer, TestContext.Current.CancellationToken);
        return System.Text.Encoding.ASCII.GetString(answer, 0, read).Split(' ')[1];
    }
}
