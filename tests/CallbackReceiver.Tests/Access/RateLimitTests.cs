using System.Globalization;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Access;

/// <summary>How much one reader may have, and how often one may guess.</summary>
public sealed class RateLimitTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo/meetings";

    [Fact]
    public async Task A_reader_over_the_limit_answers_429_and_other_readers_go_on()
    {
        await using var service = await receiver.StartAsync(("RateLimit:RequestsPerMinute", "3"), ("ApiKeys:1:RequestsPerMinute", "5"), ("ApiKeys:2:RequestsPerMinute", "0"));

        var byDefault = await StatusesAsync(service, Keys.ApiAll, 5);
        var byItsOwnLimit = await StatusesAsync(service, Keys.ApiDemo, 7);
        var unlimited = new List<int>();
        for (var n = 0; n < 8; n++)
            unlimited.Add((await service.GetAsync($"/api/v1/workspaces/demo/deliveries/{Guid.NewGuid()}/body", Keys.ApiManageOnly)).Status);
        var refused = await service.GetAsync(Demo);

        Assert.Equal([200, 200, 200, 429, 429], byDefault);
        Assert.Equal([200, 200, 200, 200, 200, 429, 429], byItsOwnLimit);
        Assert.All(unlimited, status => Assert.Equal(404, status));
        Assert.Equal((429, "application/problem+json", "urn:callback-receiver:problem:too-many-requests"), (refused.Status, refused.ContentType, refused["type"]));
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(429, (await service.RequestAsync(HttpMethod.Head, Demo, Keys.ApiAll)).Status);
    }

    [Fact]
    public async Task Callbacks_count_nothing_and_are_never_refused_for_it()
    {
        await using var service = await receiver.StartAsync(("RateLimit:RequestsPerMinute", "1"), ("RateLimit:WrongKeysPerMinute", "1"));

        for (var n = 0; n < 5; n++)
        {
            var body = new CallbackBuilder($"unlimited {n}").Build();
            var answer = await service.SendAsync("/callbacks/demo", body, CallbackBuilder.Sign(body, Keys.Demo), request => request.Headers.Add("Authorization", "Bearer wrong"));
            Assert.Equal((200, "stored"), (answer.Status, answer["outcome"]));
        }

        Assert.Equal([200, 429], await StatusesAsync(service, Keys.ApiAll, 2));
        Assert.Equal([401, 429], await StatusesAsync(service, "wrong", 2));
    }

    [Fact]
    public async Task Whoever_guesses_learns_nothing_after_a_few_and_locks_out_nobody()
    {
        await using var service = await receiver.StartAsync(("RateLimit:WrongKeysPerMinute", "3"));
        Assert.Equal(200, (await service.GetAsync(Demo, Keys.ApiDemo)).Status);

        Assert.Equal([401, 401, 401, 429, 429], await StatusesAsync(service, "guess", 5));
        var wrong = await service.GetAsync(Demo, "guess");
        var right = await service.GetAsync(Demo, Keys.ApiAll);
        var known = await service.GetAsync(Demo, Keys.ApiDemo);

        Assert.Equal("urn:callback-receiver:problem:too-many-wrong-keys", wrong["type"]);
        Assert.InRange(int.Parse(wrong.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal((wrong.Status, wrong.Body), (right.Status, right.Body));
        Assert.Equal((200, 401), (known.Status, (await service.GetAsync(Demo, null)).Status));
    }

    [Fact]
    public async Task A_limit_that_is_no_number_stops_the_start()
    {
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = "Host=127.0.0.1;Port=1;Timeout=1",
            ["ApiKeys:1:RequestsPerMinute"] = "many",
        });

        Assert.Equal(1, exitCode);
        Assert.Contains("ApiKeys:1:RequestsPerMinute: give a number of requests", log, StringComparison.Ordinal);
    }

    private static async Task<List<int>> StatusesAsync(ReceiverProcess service, string apiKey, int requests)
    {
        var statuses = new List<int>();
        for (var n = 0; n < requests; n++)
            statuses.Add((await service.GetAsync(Demo, apiKey)).Status);
        return statuses;
    }
}
