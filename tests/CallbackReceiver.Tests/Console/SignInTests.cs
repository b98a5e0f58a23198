using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.WebConsole;

/// <summary>Who gets in, how long they stay, and what no other site can make them do.</summary>
public sealed class SignInTests(ConsoleService console) : IClassFixture<ConsoleService>
{
    private const string Calls = "/console/demo/calls";

    [Fact]
    public async Task Without_being_asked_for_there_is_no_console()
    {
        Assert.Equal(404, (await console.WithoutConsole.GetAsync("/")).Status);
        Assert.Equal(404, (await console.WithoutConsole.GetAsync("/console")).Status);
    }

    [Fact]
    public async Task The_root_leads_to_the_console_and_that_to_the_sign_in()
    {
        using var browser = new Browser(console.Service.Address);

        Assert.Equal((302, "/console"), RedirectOf(await browser.GetAsync("/")));
        Assert.Equal((302, "/console/sign-in?return=%2Fconsole%2Fdemo%2Fcalls%3Fq%3Drefund"), RedirectOf(await browser.GetAsync(Calls + "?q=refund")));
        var page = await browser.GetAsync(Browser.SignInPath);
        Assert.Equal((200, "text/html"), (page.Status, page.ContentType));
        Assert.DoesNotContain("demo-api-key", page.Body, StringComparison.Ordinal); // only in Development
    }

    [Fact]
    public async Task A_key_opens_the_page_that_was_asked_for_until_its_reader_signs_out()
    {
        using var browser = new Browser(console.Service.Address);

        var signedIn = await browser.SignInAsync(Keys.ApiDemo, Calls);
        var page = await browser.GetAsync(Calls);
        var notByLink = await browser.GetAsync("/console/sign-out");
        var stillIn = await browser.GetAsync(Calls);
        var signedOut = await browser.SubmitAsync(Calls, "/console/sign-out");

        Assert.Equal((302, Calls), RedirectOf(signedIn));
        Assert.Contains("console-session=", signedIn.Headers["Set-Cookie"], StringComparison.Ordinal);
        Assert.Contains("httponly", signedIn.Headers["Set-Cookie"], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", signedIn.Headers["Set-Cookie"], StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Keys.ApiDemo, string.Concat(signedIn.Headers.Values), StringComparison.Ordinal);
        Assert.Equal([200, 200], [page.Status, stillIn.Status]);
        Assert.NotEqual(200, notByLink.Status);
        Assert.Equal((302, Browser.SignInPath), RedirectOf(signedOut));
        Assert.Equal(302, (await browser.GetAsync(Calls)).Status);
    }

    [Theory]
    [InlineData("https://elsewhere.example")]
    [InlineData("//elsewhere.example/console")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("/console/\\..\\..\\elsewhere")]
    [InlineData("/consoles")]
    [InlineData("/api/v1/workspaces")]
    public async Task Signing_in_leads_nowhere_else(string goOn)
    {
        using var browser = new Browser(console.Service.Address);

        Assert.Equal((302, "/console"), RedirectOf(await browser.SignInAsync(Keys.ApiDemo, goOn)));
    }

    [Fact]
    public async Task A_wrong_key_and_one_that_may_not_read_stay_outside()
    {
        using var browser = new Browser(console.Service.Address);

        Assert.Equal(401, (await browser.SignInAsync("wrong")).Status);
        Assert.Equal(401, (await browser.SignInAsync("")).Status);
        Assert.Equal(403, (await browser.SignInAsync(Keys.ApiManageOnly)).Status);
        Assert.Equal(302, (await browser.GetAsync(Calls)).Status);
    }

    [Fact]
    public async Task Guesses_here_and_at_the_query_API_count_together()
    {
        await using var service = await console.StartAsync(("RateLimit:WrongKeysPerMinute", "3"));
        using var browser = new Browser(service.Address);

        Assert.Equal(401, (await browser.SignInAsync("guess 1")).Status);
        Assert.Equal(401, (await browser.SignInAsync("guess 2")).Status);
        Assert.Equal(401, (await service.GetAsync("/api/v1/workspaces", "guess 3")).Status);
        Assert.Equal(429, (await service.GetAsync("/api/v1/workspaces", "guess 4")).Status);
        var refused = await browser.SignInAsync("guess 5");
        var right = await browser.SignInAsync(Keys.ApiAll);

        Assert.Equal((429, 429), (refused.Status, right.Status));
        Assert.True(refused.Headers.ContainsKey("Retry-After"));
    }

    [Fact]
    public async Task The_query_API_never_takes_the_session()
    {
        using var browser = await Browser.SignedInAsync(console.Service.Address);

        Assert.Equal(200, (await browser.GetAsync(Calls)).Status);
        Assert.Equal(401, (await browser.GetAsync("/api/v1/workspaces/demo/meetings")).Status);
    }

    [Fact]
    public async Task A_withdrawn_key_ends_its_sessions()
    {
        var secrets = Directory.CreateTempSubdirectory("callback-receiver-secrets-");
        try
        {
            Write("Name", "late");
            Write("Workspaces__0", "demo");
            Write("Scopes__0", "read");
            Write("Sha256", Keys.Digest("late-key"));
            await using var service = await console.StartAsync(("Secrets:Directory", secrets.FullName));
            using var browser = await Browser.SignedInAsync(service.Address, "late-key");
            Assert.Equal(200, (await browser.GetAsync(Calls)).Status);

            Write("Sha256", Keys.Digest("another-key"));
            await Eventually.HoldsAsync(async () => (await service.GetAsync("/api/v1/workspaces", "another-key")).Status == 200);

            Assert.Equal(302, (await browser.GetAsync(Calls)).Status);
        }
        finally
        {
            secrets.Delete(recursive: true);
        }

        void Write(string name, string value) => File.WriteAllText(Path.Combine(secrets.FullName, "ApiKeys__9__" + name), value);
    }

    [Fact]
    public async Task A_session_and_a_form_of_one_replica_are_good_at_another()
    {
        await using var other = await console.StartAsync();
        using var browser = new Browser(console.Service.Address);
        using var atOther = new Browser(other.Address);
        await browser.SignInAsync(Keys.ApiAll);
        var token = await browser.TokenAsync(Calls);
        foreach (var cookie in browser.Cookies.GetAllCookies().ToList())
            atOther.Cookies.Add(other.Address, new System.Net.Cookie(cookie.Name, cookie.Value, "/"));

        Assert.Equal(200, (await atOther.GetAsync(Calls)).Status);
        Assert.Equal(302, (await atOther.PostAsync("/console/preferences", "same-origin", ("form_token", token), ("language", "zh-TW"))).Status);
    }

    [Theory]
    [InlineData("cross-site", true)]
    [InlineData("same-site", true)]
    [InlineData("none", true)]
    [InlineData(null, true)]
    [InlineData("same-origin", false)]
    public async Task A_form_that_is_not_of_the_console_is_refused(string? site, bool hasToken)
    {
        using var browser = await Browser.SignedInAsync(console.Service.Address);
        var token = hasToken ? await browser.TokenAsync(Calls) : "none";

        var signOut = await browser.PostAsync("/console/sign-out", site, ("form_token", token));
        var signIn = await browser.PostAsync(Browser.SignInPath, site, ("form_token", token), ("key", Keys.ApiAll));

        Assert.Equal([403, 403], [signOut.Status, signIn.Status]);
        Assert.Equal("text/html", signOut.ContentType);
        Assert.Equal(200, (await browser.GetAsync(Calls)).Status);
    }

    private static (int Status, string? Location) RedirectOf(Answer answer) => (answer.Status, answer.Headers.GetValueOrDefault("Location"));
}
