using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Access;

/// <summary>A page of a configured dashboard may read the query API from a browser, and no other page may.</summary>
public sealed class CorsTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Path = "/api/v1/workspaces/demo/meetings";
    private const string Dashboard = "https://dashboards.example.com";

    [Fact]
    public async Task A_browser_asks_first_and_may_then_read_with_all_headers_that_count()
    {
        await using var service = await StartAsync();

        var preflight = await PreflightAsync(service, Path, Dashboard, "GET", "authorization,if-none-match,last-event-id");
        var answer = await service.RequestAsync(HttpMethod.Get, Path, Keys.ApiDemo, ("Origin", Dashboard));

        Assert.Equal((204, Dashboard), (preflight.Status, preflight.Headers["Access-Control-Allow-Origin"]));
        Assert.All(["authorization", "if-none-match", "last-event-id"], header => Assert.Contains(header, preflight.Headers["Access-Control-Allow-Headers"], StringComparison.OrdinalIgnoreCase));
        Assert.All(["DELETE", "POST"], method => Assert.Contains(method, preflight.Headers["Access-Control-Allow-Methods"], StringComparison.Ordinal));
        Assert.Equal((200, Dashboard), (answer.Status, answer.Headers["Access-Control-Allow-Origin"]));
        Assert.All(["ETag", "Link", "Retry-After"], header => Assert.Contains(header, answer.Headers["Access-Control-Expose-Headers"], StringComparison.Ordinal));
        Assert.All([answer, await service.GetAsync(Path)], read => Assert.Contains("Origin", read.Headers["Vary"].Split(", ")));
        Assert.All([preflight, answer], read => Assert.False(read.Headers.ContainsKey("Access-Control-Allow-Credentials")));
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData(Keys.ApiManageOnly, 403)]
    public async Task A_page_sees_errors_too(string? apiKey, int status)
    {
        await using var service = await StartAsync();

        var answer = await service.RequestAsync(HttpMethod.Get, Path, apiKey, ("Origin", "http://localhost:3000"));

        Assert.Equal((status, "http://localhost:3000"), (answer.Status, answer.Headers["Access-Control-Allow-Origin"]));
    }

    [Theory]
    [InlineData("https://elsewhere.example.com")]
    [InlineData("http://dashboards.example.com")]
    [InlineData("https://dashboards.example.com:8443")]
    [InlineData("https://dashboards.example.com.example.org")]
    [InlineData("null")]
    public async Task Another_page_is_told_nothing(string origin)
    {
        await using var service = await StartAsync();

        Assert.All(
            [
                await PreflightAsync(service, Path, origin, "GET", "authorization"),
                await service.RequestAsync(HttpMethod.Get, Path, Keys.ApiDemo, ("Origin", origin)),
            ],
            answer => Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task No_page_posts_callbacks()
    {
        await using var service = await StartAsync();

        Assert.DoesNotContain("Access-Control-Allow-Origin", (await PreflightAsync(service, "/callbacks/demo", Dashboard, "POST", "x-seasalt-server-signature")).Headers.Keys);
    }

    [Fact]
    public async Task No_page_may_read_unless_it_is_configured()
    {
        var preflight = await PreflightAsync(receiver.Service, Path, Dashboard, "GET", "authorization");

        Assert.Equal(405, preflight.Status);
        Assert.DoesNotContain("Access-Control-Allow-Origin", (await receiver.Service.RequestAsync(HttpMethod.Get, Path, Keys.ApiDemo, ("Origin", Dashboard))).Headers.Keys);
    }

    private Task<ReceiverProcess> StartAsync() => receiver.StartAsync(("Cors:Origins:0", Dashboard), ("Cors:Origins:1", "http://localhost:3000"));

    private static Task<Answer> PreflightAsync(ReceiverProcess service, string path, string origin, string method, string headers) => service.RequestAsync(
        HttpMethod.Options, path, null, ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));
}
