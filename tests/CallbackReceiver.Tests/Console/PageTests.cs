using System.Text.RegularExpressions;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.WebConsole;

/// <summary>What the pages show, to whom, and that nothing of a callback ever becomes markup.</summary>
public sealed partial class PageTests(ConsoleService console) : IClassFixture<ConsoleService>
{
    private const string Canary = "<img src=x onerror=alert(1)>\"'";

    [Fact]
    public async Task Nothing_of_a_callback_becomes_markup()
    {
        var body = new CallbackBuilder("id " + Canary)
        {
            Title = "title " + Canary,
            Summary = "summary " + Canary,
            AgentPerformanceFeedback = "feedback " + Canary,
            RiskFactor = "risk " + Canary,
            Transcript = new object[] { CallbackBuilder.Segment("said " + Canary, "speaker " + Canary) },
            Items = [new("item " + Canary, new object[] { "value " + Canary, new KeyValuePair<string, object?>[] { new("inner " + Canary, true) } })],
            Metadata = [new("metadata " + Canary, Canary)],
        }.Build();
        Assert.Equal(200, (await console.Service.PostAsync("demo", body)).Status);
        await UntilFoundAsync("demo", "onerror");
        using var browser = await Browser.SignedInAsync(console.Service.Address);
        var call = "/console/demo/calls/" + Uri.EscapeDataString("id " + Canary);
        var search = "?q=" + Uri.EscapeDataString("onerror=alert(1)>");
        string[] paths =
        [
            "/console/demo", "/console/demo/calls", "/console/demo/calls" + search, "/console/demo/calls?risk_factor=" + Uri.EscapeDataString("risk " + Canary),
            "/console/demo/calls?speaker=" + Uri.EscapeDataString("speaker " + Canary), call, call + search, call + "?find=" + Uri.EscapeDataString(Canary.TrimEnd('"', '\'')),
            "/console/preferences?return=" + Uri.EscapeDataString(Canary), "/console/sign-in?return=" + Uri.EscapeDataString(Canary),
            "/console/demo/calls?" + Uri.EscapeDataString(Canary) + "=1", "/console/" + Uri.EscapeDataString(Canary),
        ];

        foreach (var path in paths)
        {
            var page = await browser.GetAsync(path);
            Assert.DoesNotContain("<img", page.Body, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("alert(1)>", page.Body, StringComparison.Ordinal);
            Assert.Equal("text/html", page.ContentType);
        }

        var shown = (await browser.GetAsync(call)).Body;
        foreach (var part in new[] { "id", "title", "summary", "feedback", "risk", "said", "speaker", "item", "value", "inner", "metadata" })
            Assert.Contains(part + " &lt;img", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_page_tells_the_browser_to_run_nothing_else_and_to_keep_nothing()
    {
        await console.Service.PostAsync("demo", new CallbackBuilder("headers").Build());
        using var browser = await Browser.SignedInAsync(console.Service.Address);
        string[] paths =
        [
            "/console", "/console/demo", "/console/demo?period=7d", "/console/demo/calls", "/console/demo/calls?sort=x", "/console/demo/calls/headers", "/console/demo/calls/none",
            "/console/demo/calls/headers/transcript", "/console/demo/export?format=csv", "/console/nothing/here", "/console/sign-in", "/console/preferences",
        ];
        foreach (var path in paths)
        {
            var page = await browser.GetAsync(path, ("Accept-Encoding", "gzip, br"));
            Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.Equal("no-store, private", page.Headers["Cache-Control"]);
            Assert.Equal(("nosniff", "no-referrer"), (page.Headers["X-Content-Type-Options"], page.Headers["Referrer-Policy"]));
            Assert.False(page.Headers.ContainsKey("Content-Encoding"));
            Assert.DoesNotMatch(InlineCode(), page.Body);
        }
    }

    [Fact]
    public async Task Style_and_script_are_small_and_kept_for_ever()
    {
        using var browser = new Browser(console.Service.Address);
        var names = Asset().Matches((await browser.GetAsync(Browser.SignInPath)).Body).Select(match => match.Value).ToList();

        Assert.Equal(3, names.Count);
        foreach (var name in names)
        {
            var asset = await browser.GetAsync(name);
            Assert.Equal((200, "public, max-age=31536000, immutable"), (asset.Status, asset.Headers["Cache-Control"]));
            Assert.InRange(asset.Bytes.Length, 1, 15_000);
        }

        Assert.Equal(404, (await browser.GetAsync("/console/assets/console.css")).Status);
    }

    [Fact]
    public async Task A_workspace_that_the_key_may_not_see_is_as_one_that_does_not_exist()
    {
        await console.Service.PostAsync("other", new CallbackBuilder("secret") { WorkspaceId = "other", Title = "Of the other" }.Build(), Keys.Other);
        using var browser = await Browser.SignedInAsync(console.Service.Address, Keys.ApiDemo);

        foreach (var path in new[] { "", "/calls", "/calls/secret", "/calls/secret/transcript", "/export", "/nothing" })
        {
            var hidden = await browser.GetAsync("/console/other" + path);
            var unknown = await browser.GetAsync("/console/unknown" + path);
            Assert.Equal((404, 404), (hidden.Status, unknown.Status));
            Assert.Equal(Plain(hidden.Body, "other"), Plain(unknown.Body, "unknown"));
        }

        Assert.Equal("/console/demo", (await browser.GetAsync("/console")).Headers["Location"]); // the only one there is
        Assert.Equal(404, (await browser.GetAsync("/console/demo/calls/secret")).Status);
        Assert.DoesNotContain("Of the other", (await browser.GetAsync("/console/demo/calls")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?q=&risk_factor=&sort=-received_at&received_from=&received_to=", "")]
    [InlineData("?q=a+b&customer_satisfaction_rating=E&speaker=", "?q=a%20b&customer_satisfaction_rating=E")]
    [InlineData("?received_from=2026-11-20&received_to=2026-11-21", "?received_from=2026-11-20T00%3A00%3A00%2B08%3A00&received_to=2026-11-22T00%3A00%3A00%2B08%3A00")]
    public async Task What_a_form_sends_becomes_an_address_for_a_colleague(string sent, string canonical)
    {
        using var browser = await Browser.SignedInAsync(console.Service.Address);
        await browser.SubmitAsync("/console/preferences", "/console/preferences", ("time_zone", "Asia/Taipei"));

        var answer = await browser.GetAsync("/console/demo/calls" + sent);

        Assert.Equal((302, "/console/demo/calls" + canonical), (answer.Status, answer.Headers["Location"]));
        Assert.Equal(200, (await browser.GetAsync(answer.Headers["Location"])).Status);
    }

    [Fact]
    public async Task Calls_are_found_marked_counted_exported_and_read_in_the_order_of_their_list()
    {
        for (var n = 1; n <= 3; n++)
        {
            var call = new CallbackBuilder($"order-{n}") { WorkspaceId = "other", Title = $"Lost parcel {n}", RiskFactor = "Parcels", CustomerSatisfactionRating = "E" };
            await console.Service.PostAsync("other", call.Build(), Keys.Other);
        }

        for (var n = 1; n <= 3; n++)
            await UntilFoundAsync("other", $"parcel+{n}");
        using var browser = await Browser.SignedInAsync(console.Service.Address);
        const string List = "?q=PARCEL&customer_satisfaction_rating=E";

        var list = (await browser.GetAsync("/console/other/calls" + List)).Body;
        var middle = (await browser.GetAsync("/console/other/calls/order-2" + List)).Body;
        var export = (await browser.GetAsync("/console/other/export" + List + "&format=csv")).Body;
        var text = await browser.GetAsync("/console/other/calls/order-2/transcript");

        Assert.Contains("Lost <mark>parcel</mark> 3", list, StringComparison.Ordinal);
        Assert.Contains("<span class=\"muted\">3</span>", list, StringComparison.Ordinal);
        Assert.Matches("order-3.*order-2.*order-1", list.ReplaceLineEndings(" "));
        Assert.Contains("""<a href="/console/other/calls/order-3?q=PARCEL&amp;customer_satisfaction_rating=E" rel="prev">""", middle, StringComparison.Ordinal);
        Assert.Contains("""<a href="/console/other/calls/order-1?q=PARCEL&amp;customer_satisfaction_rating=E" rel="next">""", middle, StringComparison.Ordinal);
        Assert.Equal(3, Regex.Count(export, "Lost parcel"));
        Assert.Equal(("text/plain", "customer: Hi, I'm calling about my documents.\ntest agent: Of course, let me look that up.\n"), (text.ContentType, text.Body));
    }

    [Fact]
    public async Task Pages_are_in_the_language_of_the_browser_until_another_is_chosen()
    {
        await console.Service.PostAsync("demo", new CallbackBuilder("language") { Title = "文件補件", EnsureAscii = false }.Build());
        using var browser = await Browser.SignedInAsync(console.Service.Address);

        var chinese = (await browser.GetAsync("/console/demo/calls/language", ("Accept-Language", "fr, zh-TW;q=0.9, en;q=0.8"))).Body;
        await browser.SubmitAsync("/console/demo", "/console/preferences", ("language", "en"));
        var english = (await browser.GetAsync("/console/demo/calls/language", ("Accept-Language", "zh-TW"))).Body;

        Assert.Contains("<html lang=\"zh-TW\">", chinese, StringComparison.Ordinal);
        Assert.Contains("<h2>分析</h2>", chinese, StringComparison.Ordinal);
        Assert.Contains("<h1>文件補件</h1>", english, StringComparison.Ordinal);
        Assert.Contains("<h2>Analysis</h2>", english, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_overview_counts_and_its_bars_lead_to_what_they_count()
    {
        var workspace = ("Workspaces:counted:Keys:0", "cO1uN2tE3dC4oU5nT6eD7cO8uN9tE0dC");
        await using var service = await console.StartAsync(workspace);
        using var browser = await Browser.SignedInAsync(service.Address);
        Assert.Contains("POST /callbacks/counted", (await browser.GetAsync("/console/counted")).Body, StringComparison.Ordinal);
        foreach (var rating in new[] { "A", "E", "E" })
            await service.PostAsync("counted", new CallbackBuilder { WorkspaceId = "counted", CustomerSatisfactionRating = rating }.Build(), workspace.Item2);

        await Eventually.HoldsAsync(async () => (await browser.GetAsync("/console/counted")).Body.Contains("<strong>3</strong>", StringComparison.Ordinal));
        var overview = (await browser.GetAsync("/console/counted")).Body;
        var bar = BarOfE().Match(overview).Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal);

        Assert.Contains("<strong>66.7 %</strong>", overview, StringComparison.Ordinal);
        Assert.Contains("<span class=\"muted\">2</span>", (await browser.GetAsync(bar)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_as_deep_as_a_callback_may_be_are_shown()
    {
        var deep = new string('[', 60) + "\"bottom\"" + new string(']', 60);
        await console.Service.PostAsync("demo", new CallbackBuilder("deep") { Items = [new("tree", new RawJson(deep))] }.Build());
        using var browser = await Browser.SignedInAsync(console.Service.Address);

        var page = await browser.GetAsync("/console/demo/calls/deep");

        Assert.Equal(200, page.Status);
        Assert.Contains("&quot;bottom&quot;", page.Body, StringComparison.Ordinal);
        Assert.Equal(Regex.Count(page.Body, "<ul"), Regex.Count(page.Body, "</ul>"));
        Assert.Equal(Regex.Count(page.Body, "<li>"), Regex.Count(page.Body, "</li>"));
    }

    [Fact]
    public async Task On_a_port_of_its_own_the_console_is_answered_there_only_and_nothing_else_is()
    {
        var port = FreePort.Take();
        await using var service = await console.StartAsync(("Console:Port", $"{port}"));
        using var there = new Browser(new Uri($"http://127.0.0.1:{port}"));

        foreach (var path in new[] { "/", "/console", Browser.SignInPath })
            Assert.Equal(404, (await service.GetAsync(path)).Status);
        foreach (var path in new[] { Browser.SignInPath, "/healthz/ready" })
            Assert.Equal(200, (await there.GetAsync(path)).Status);
        foreach (var path in new[] { "/api/v1/workspaces", "/swagger/v1/swagger.json", "/metrics", "/callbacks/demo" })
            Assert.Equal(404, (await there.GetAsync(path)).Status);
        Assert.Equal(404, (await there.PostAsync("/callbacks/demo", "same-origin")).Status);
    }

    private async Task UntilFoundAsync(string workspaceId, string word) => await Eventually.HoldsAsync(async () =>
        (await console.Service.GetAsync($"/api/v1/workspaces/{workspaceId}/meetings?q={word}")).Json.GetProperty("items").GetArrayLength() > 0);

    /// <summary>What differs is the address in the forms, and their tokens.</summary>
    private static string Plain(string page, string workspaceId) => TokenValue().Replace(page, "").Replace(workspaceId, "", StringComparison.Ordinal);

    /// <summary>A style or script of the page's own: an element, an attribute outside of others' values, or a URL.</summary>
    [GeneratedRegex("""<style|<script>|<\w+(?:\s[\w-]+(?:="[^"]*")?)*\s(?:style|on\w+)=|="(?:javascript|data):""")]
    private static partial Regex InlineCode();

    [GeneratedRegex("/console/assets/[^\"]+")]
    private static partial Regex Asset();

    [GeneratedRegex("name=\"form_token\" value=\"[^\"]+\"")]
    private static partial Regex TokenValue();

    [GeneratedRegex("<a href=\"([^\"]+)\"><rect class=\"E\"")]
    private static partial Regex BarOfE();
}
