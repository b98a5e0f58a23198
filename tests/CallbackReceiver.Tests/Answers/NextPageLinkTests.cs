using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Answers;

/// <summary>The pages can be walked by their links alone.</summary>
public sealed class NextPageLinkTests(Receiver receiver) : IClassFixture<Receiver>
{
    private ReceiverProcess Service => receiver.Service;

    [Theory]
    [InlineData("meetings?limit=2", "meeting_id")]
    [InlineData("deliveries?limit=2&outcome=stored&received_from=2020-01-01T00:00:00%2B08:00", "delivery_id")]
    public async Task Links_lead_through_all_pages_with_all_parameters_kept(string list, string id)
    {
        for (var n = 0; n < 5; n++)
            await Service.PostAsync("demo", new CallbackBuilder($"linked {n}").Build());
        var expected = (await Service.GetAsync($"/api/v1/workspaces/demo/{list.Replace("limit=2", "limit=200", StringComparison.Ordinal)}")).Json.GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty(id).GetString()).ToList();

        var seen = new List<string?>();
        var pages = 0;
        for (var url = new Uri(Service.Address, $"/api/v1/workspaces/demo/{list}"); ;)
        {
            var page = await Service.GetAsync(url.PathAndQuery);
            Assert.Equal(200, page.Status);
            pages++;
            seen.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty(id).GetString()));
            Assert.Equal(page.Json.GetProperty("next_cursor").GetString() is null, !page.Headers.ContainsKey("Link"));
            if (NextOf(page) is not { } next)
                break;
            Assert.Equal(Uri.UnescapeDataString(list.Split('?')[1]), Uri.UnescapeDataString(next.Split("&cursor=")[0][1..]));
            url = new Uri(url, next);
        }

        Assert.Equal(expected, seen);
        Assert.Equal((expected.Count + 1) / 2, pages);
    }

    [Fact]
    public async Task A_link_is_relative_and_so_right_behind_any_proxy()
    {
        await Service.PostAsync("demo", new CallbackBuilder("one").Build());
        await Service.PostAsync("demo", new CallbackBuilder("two").Build());

        var page = await Service.RequestAsync(
            HttpMethod.Get, "/api/v1/workspaces/demo/meetings?limit=1", Keys.ApiAll, ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/calls"));

        Assert.Equal(
            $"https://dashboards.example.com/calls/api/v1/workspaces/demo/meetings?limit=1&cursor={page["next_cursor"]}",
            new Uri(new Uri("https://dashboards.example.com/calls/api/v1/workspaces/demo/meetings?limit=1"), NextOf(page)!).ToString());
    }

    [Fact]
    public async Task Characters_that_would_end_the_link_are_escaped_in_it()
    {
        for (var n = 0; n < 2; n++)
            await Service.PostAsync("demo", new CallbackBuilder("a>\"&b").Payload("n", n).Build());

        var page = await Service.GetAsync("/api/v1/workspaces/demo/deliveries?meeting_id=a%3E%22%26b&limit=1");
        var next = await Service.GetAsync(new Uri(new Uri(Service.Address, "/api/v1/workspaces/demo/deliveries"), NextOf(page)!).PathAndQuery);

        Assert.StartsWith("<?meeting_id=a%3E%22%26b&limit=1&cursor=", page.Headers["Link"], StringComparison.Ordinal);
        Assert.Equal((200, 1), (next.Status, next.Json.GetProperty("items").GetArrayLength()));
    }

    private static string? NextOf(Answer page)
    {
        if (!page.Headers.TryGetValue("Link", out var link))
            return null;
        Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }
}
