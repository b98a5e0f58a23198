using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Operations;

/// <summary>Where a request came from, as the limit of bad signatures and the request log see it. The tests' requests come from 127.0.0.1.</summary>
public sealed class ProxyTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Client = "203.0.113.7";
    private const string AnotherClient = "203.0.113.8";

    private static readonly byte[] Body = new CallbackBuilder().Build();

    [Theory]
    [InlineData("ForwardedHeaders:KnownProxies:0", "192.0.2.1")]
    [InlineData("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true")]
    [InlineData("ForwardedHeaders:KnownNetworks:0", "192.0.2.0/24")]
    public async Task Header_from_anyone_but_a_known_proxy_is_ignored(string key, string value)
    {
        await using var service = await StartAsync((key, value));

        Assert.Equal(401, await StatusAsync(service, Client));
        Assert.Equal(401, await StatusAsync(service, AnotherClient));
        Assert.Equal(429, await StatusAsync(service, "203.0.113.9"));

        await Eventually.HoldsAsync(() => Task.FromResult(service.Log.Contains("POST /callbacks/demo 429", StringComparison.Ordinal)));
        Assert.DoesNotContain("203.0.113", service.Log, StringComparison.Ordinal);
        Assert.Contains("for 127.0.0.1", service.Log.Replace("::ffff:", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ForwardedHeaders:KnownProxies:0", "127.0.0.1")]
    [InlineData("ForwardedHeaders:KnownNetworks:0", "127.0.0.0/8")]
    public async Task Clients_behind_a_known_proxy_are_counted_and_logged_each_by_its_own_address(string key, string value)
    {
        await using var service = await StartAsync((key, value));

        Assert.Equal(401, await StatusAsync(service, Client));
        Assert.Equal(401, await StatusAsync(service, Client));
        Assert.Equal(429, await StatusAsync(service, Client));
        Assert.Equal(401, await StatusAsync(service, AnotherClient));

        await Eventually.HoldsAsync(() => Task.FromResult(service.Log.Contains($"for {AnotherClient}", StringComparison.Ordinal)));
        Assert.Equal(3, service.Log.Split('\n').Count(line => line.EndsWith($"for {Client}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_client_says_before_the_proxy_speaks_does_not_count_and_a_chain_of_proxies_does()
    {
        await using var service = await StartAsync(("ForwardedHeaders:KnownProxies:0", "127.0.0.1"), ("ForwardedHeaders:KnownProxies:1", "192.0.2.1"));

        Assert.Equal(401, await StatusAsync(service, $"198.51.100.1, {Client}"));
        Assert.Equal(401, await StatusAsync(service, $"198.51.100.2, {Client}, 192.0.2.1"));
        Assert.Equal(429, await StatusAsync(service, $"198.51.100.3, {Client}"));
    }

    [Theory]
    [InlineData("ForwardedHeaders:KnownProxies:0", "proxy.example")]
    [InlineData("ForwardedHeaders:KnownNetworks:0", "10.0.0.0/33")]
    public async Task Wrong_proxy_stops_the_start_and_is_named(string key, string value)
    {
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = receiver.ConnectionString,
            [key] = value,
        });

        Assert.Equal(1, exitCode);
        Assert.Contains(key + ": give ", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    private Task<ReceiverProcess> StartAsync(params IEnumerable<(string Key, string Value)> changes) =>
        receiver.StartAsync([("Callbacks:BadSignaturesPerMinute", "2"), .. changes]);

    /// <summary>Posts a bad signature.</summary>
    private static async Task<int> StatusAsync(ReceiverProcess service, string forwardedFor) => (await service.SendAsync("/callbacks/demo", Body, new string('0', 64), request =>
    {
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
    })).Status;
}
