using System.Text.Json;
using CallbackReceiver.Meetings;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>The list of meetings, page by page.</summary>
public sealed class PageTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo/meetings";

    private ReceiverProcess Service => receiver.Service;

    [Fact]
    public async Task Pages_neither_repeat_nor_skip_while_meetings_arrive()
    {
        await EmptyAsync();
        await Parallel.ForAsync(0, 250, async (n, _) => await Service.PostAsync("demo", new CallbackBuilder($"m{n}").Build()));
        var before = (await receiver.QueryAsync("SELECT meeting_id FROM meetings ORDER BY received_at DESC, meeting_id DESC")).Select(row => (string)row[0]!).ToList();

        var pages = await ReadAllAsync(limit: 40, async page => await Service.PostAsync("demo", new CallbackBuilder($"late{page}").Build()));

        Assert.Equal(before, pages.SelectMany(page => page));
        Assert.Equal([40, 40, 40, 40, 40, 40, 10], pages.Select(page => page.Count));
    }

    [Theory]
    [InlineData("-received_at")]
    [InlineData("received_at")]
    public async Task Pages_neither_repeat_nor_skip_what_is_analysed_again_meanwhile(string sort)
    {
        await EmptyAsync();
        for (var n = 0; n < 60; n++)
            await Service.PostAsync("demo", new CallbackBuilder($"m{n:00}").Build());
        var before = Enumerable.Range(0, 60).Select(n => $"m{n:00}").ToList();
        if (sort[0] == '-')
            before.Reverse();
        var random = new Random(42);

        var pages = await ReadAllAsync(limit: 7, AnalyseAgainAsync, $"&sort={sort}");

        var read = pages.SelectMany(page => page).ToList();
        Assert.Equal(before, read.Where(id => id[0] == 'm'));
        Assert.Equal(read.Distinct(), read);

        // Some move, some of them twice; others come, and move as well.
        async Task AnalyseAgainAsync(int page)
        {
            for (var times = 0; times < 6; times++)
                await Service.PostAsync("demo", new CallbackBuilder($"m{random.Next(60):00}") { Title = $"{page} {times}" }.Build());
            for (var times = 0; times < 2; times++)
                await Service.PostAsync("demo", new CallbackBuilder($"new{page}") { Title = $"{times}" }.Build());
        }
    }

    [Fact]
    public async Task What_moved_is_shown_as_it_is_now_where_it_still_fits()
    {
        await EmptyAsync();
        foreach (var id in (string[])["a", "b", "c", "d"])
            await Service.PostAsync("demo", new CallbackBuilder(id) { RiskFactor = "Churn" }.Build());
        const string Filter = "?limit=1&risk_factor=Churn";
        var first = (await Service.GetAsync(Demo + Filter)).Json;
        await Service.PostAsync("demo", new CallbackBuilder("c") { RiskFactor = "Churn", Title = "again" }.Build());
        await Service.PostAsync("demo", new CallbackBuilder("b") { RiskFactor = "other" }.Build());

        var second = (await Service.GetAsync($"{Demo}{Filter}&cursor={first.GetProperty("next_cursor").GetString()}")).Json;
        var third = (await Service.GetAsync($"{Demo}{Filter}&cursor={second.GetProperty("next_cursor").GetString()}")).Json;

        Assert.Equal(("d", "c", "a"), (IdOf(first), IdOf(second), IdOf(third)));
        Assert.Equal("again", second.GetProperty("items")[0].GetProperty("title").GetString());
        Assert.Equal(JsonValueKind.Null, third.GetProperty("next_cursor").ValueKind);

        static string? IdOf(JsonElement page) => Assert.Single(page.GetProperty("items").EnumerateArray()).GetProperty("meeting_id").GetString();
    }

    [Fact]
    public async Task Meetings_received_at_one_moment_are_on_one_page_each()
    {
        await EmptyAsync();
        await Parallel.ForAsync(0, 50, async (n, _) => await Service.PostAsync("demo", new CallbackBuilder($"件/{n}").Build()));
        await receiver.QueryAsync("UPDATE meetings SET received_at = '2026-01-31T10:00:00.123456Z'");

        var pages = await ReadAllAsync(limit: 7);

        Assert.Equal(50, pages.SelectMany(page => page).Distinct().Count());
        Assert.Equal(50, pages.Sum(page => page.Count));
    }

    [Fact]
    public async Task The_last_page_has_no_cursor_even_where_it_is_full()
    {
        await EmptyAsync();
        for (var n = 0; n < 4; n++)
            await Service.PostAsync("demo", new CallbackBuilder($"m{n}").Build());

        var pages = await ReadAllAsync(limit: 2);

        Assert.Equal([2, 2], pages.Select(page => page.Count));
    }

    [Fact]
    public async Task A_page_has_50_meetings_unless_asked_for_otherwise_and_200_at_most()
    {
        await EmptyAsync();
        await Parallel.ForAsync(0, 201, async (n, _) => await Service.PostAsync("demo", new CallbackBuilder($"m{n}").Build()));

        Assert.Equal(50, (await Service.GetAsync(Demo)).Json.GetProperty("items").GetArrayLength());
        Assert.Equal(1, (await Service.GetAsync(Demo + "?limit=1")).Json.GetProperty("items").GetArrayLength());
        Assert.Equal(200, (await Service.GetAsync(Demo + "?limit=200")).Json.GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=1000000000", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=abc", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=%D9%A1", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("cursor=", "cursor")]
    [InlineData("cursor=garbage", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    [InlineData("cursor=%F0%9F%98%80", "cursor")]
    [InlineData("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "cursor")]
    [InlineData("curser=x", "curser")]
    [InlineData("Limit=5", "Limit")]
    [InlineData("%00=x", "\0")]
    public async Task A_wrong_parameter_answers_400_and_its_name(string query, string parameter)
    {
        var answer = await Service.GetAsync($"{Demo}?{query}");

        Assert.Equal((400, "application/problem+json", "urn:callback-receiver:problem:bad-parameters"), (answer.Status, answer.ContentType, answer["type"]));
        Assert.Equal(parameter, Assert.Single(answer.Json.GetProperty("errors").EnumerateArray()).GetProperty("parameter").GetString());
    }

    [Fact]
    public async Task All_wrong_parameters_are_named_at_once()
    {
        var answer = await Service.GetAsync(Demo + "?limit=0&cursor=x&risk=high");

        Assert.Equal(["cursor", "limit", "risk"], answer.Json.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("parameter").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_cursor_that_is_cut_off_changed_or_of_another_workspace_answers_400()
    {
        await EmptyAsync();
        for (var n = 0; n < 2; n++)
        {
            await Service.PostAsync("demo", new CallbackBuilder($"meeting-{n}").Build());
            await Service.PostAsync("other", new CallbackBuilder($"meeting-{n}").Envelope("workspace_id", "other").Build(), Keys.Other);
        }

        var cursor = (await Service.GetAsync(Demo + "?limit=1"))["next_cursor"]!;
        Assert.Equal(200, (await Service.GetAsync($"{Demo}?limit=1&cursor={cursor}")).Status);

        Assert.Equal(400, (await Service.GetAsync($"/api/v1/workspaces/other/meetings?cursor={cursor}")).Status);
        for (var length = 0; length < cursor.Length; length++)
            Assert.Equal(400, (await Service.GetAsync($"{Demo}?cursor={cursor[..length]}")).Status);
        for (var at = 0; at < cursor.Length - 1; at++)
            Assert.Equal(400, (await Service.GetAsync($"{Demo}?cursor={cursor[..at]}{(cursor[at] == 'A' ? 'B' : 'A')}{cursor[(at + 1)..]}")).Status);
    }

    [Fact]
    public void A_cursor_keeps_the_microsecond_and_any_id()
    {
        var place = new MeetingCursor(new ListPlace(new DateTime(2026, 1, 31, 10, 0, 0, DateTimeKind.Utc).AddMicroseconds(123_456), "補件/😀"), new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc).AddMicroseconds(7));

        Assert.Equal(place, MeetingCursor.TryParse(place.ToString("demo"), "demo"));
    }

    private async Task<List<List<string>>> ReadAllAsync(int limit, Func<int, Task>? betweenPages = null, string more = "")
    {
        var pages = new List<List<string>>();
        for (var query = $"?limit={limit}{more}"; ;)
        {
            var page = (await Service.GetAsync(Demo + query)).Json;
            pages.Add([.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("meeting_id").GetString()!)]);
            if (page.GetProperty("next_cursor") is not { ValueKind: JsonValueKind.String } next)
                return pages;
            query = $"?limit={limit}{more}&cursor={next.GetString()}";
            await (betweenPages?.Invoke(pages.Count) ?? Task.CompletedTask);
        }
    }

    private async Task EmptyAsync() => await receiver.QueryAsync("TRUNCATE meetings, deliveries");
}
