using System.Text;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class BodyLimitTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    /// <summary>More than what the sockets of both sides buffer.</summary>
    private const long Endless = 256 * 1024 * 1024;

    public static TheoryData<int> Limits => [1024, 64 * 1024, 100_000, 1024 * 1024];

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task Body_as_long_as_the_limit_is_taken_and_one_byte_more_is_not(int limit)
    {
        await using var host = await StartAsync(limit);
        foreach (var chunked in new[] { false, true })
        {
            var filling = chunked ? 'c' : 'l';
            await AssertTakenAsync(host, BodyOf(limit, filling), chunked);
            await AssertRefusedAsync(host, BodyOf(limit + 1, filling), chunked);
        }

        Assert.Empty(host.Logs.Errors);
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task Endless_body_is_refused_and_read_no_further(int limit)
    {
        await using var host = await StartAsync(limit);
        var (answer, sent) = await RawHttp.PostEndlesslyAsync(host.Address, "/callbacks/demo", Endless);
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.True(sent < Endless, "the server consumed a body without an end");
        Assert.Empty(host.Logs.Errors);
    }

    [Fact]
    public async Task Length_over_the_limit_is_refused_before_the_body_comes()
    {
        await using var host = await StartAsync(1024);
        using var client = await RawHttp.ConnectAsync(host.Address);
        await client.GetStream().WriteAsync(RawHttp.Head(host.Address, "/callbacks/demo", ["Content-Length: 1099511627776"], close: false), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
    }

    private static async Task AssertTakenAsync(ReceiverHost host, byte[] body, bool chunked)
    {
        var answer = await host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo, request => request.Headers.TransferEncodingChunked = chunked);
        Assert.True(answer.Outcome == "stored", answer.ToString());
    }

    private async Task AssertRefusedAsync(ReceiverHost host, byte[] body, bool chunked)
    {
        var answer = await host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo, request => request.Headers.TransferEncodingChunked = chunked);
        Assert.Equal(413, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal("urn:callback-receiver:problem:body-too-large", answer["type"]);
        Assert.Null(await database.DeliveryOfAsync(body));
    }

    private Task<ReceiverHost> StartAsync(int limit) =>
        ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings { Values = { ["Callbacks:MaxBodyBytes"] = $"{limit}" } });

    private static byte[] BodyOf(int length, char filling)
    {
        var callback = CallbackBuilder.Captured() with { AgentPerformanceFeedback = null };
        var without = (callback with { Summary = "" }).Build().Length;
        return (callback with { Summary = new string(filling, length - without) }).Build();
    }
}
