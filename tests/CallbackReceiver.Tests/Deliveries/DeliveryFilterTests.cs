using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Deliveries;

/// <summary>The filters of the list of deliveries, alone and together, page by page.</summary>
[Trait("Category", "Storage")]
public sealed class DeliveryFilterTests(Receiver receiver) : IClassFixture<Receiver>, IAsyncLifetime
{
    private const string Base = "/api/v1/workspaces/demo/deliveries";
    private const string BadRating = "a rating is \"A\", \"B\", \"C\", \"D\", \"E\" or null";

    private ReceiverProcess Service => receiver.Service;

    /// <summary>Each test has the workspaces to itself: analyses, other events and what does not fit, in turn, signed by either key, and one that no key signed.</summary>
    public async ValueTask InitializeAsync()
    {
        await receiver.QueryAsync("TRUNCATE deliveries, meetings, unverified_deliveries, audit, changes");
        for (var n = 0; n < 12; n++)
        {
            var callback = new CallbackBuilder($"meeting-{n % 5}").Payload("nps", n);
            var body = (n % 4) switch
            {
                0 => callback.Build(),
                1 => (callback with { EventName = "another" }).Build(),
                2 => (callback with { AgentPerformanceRating = "Z" }).Build(),
                _ => System.Text.Encoding.UTF8.GetBytes($"{{\"{new string('n', n)}\" 1}}"),
            };
            await Service.PostAsync("demo", body, n % 3 == 0 ? Keys.DemoOld : Keys.Demo);
        }

        await Service.PostAsync("demo", new CallbackBuilder("meeting-1").Build(), "a wrong key");
        await Service.PostAsync("other", (new CallbackBuilder("meeting-1") { WorkspaceId = "other", AgentPerformanceRating = "Z" }).Build(), Keys.Other);
        await Eventually.HoldsAsync(async () => (await ListAsync("")).Count == 13);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task All_filters_together_find_what_each_of_them_does_page_by_page_newest_first()
    {
        var all = await ListAsync("");
        var keys = all.Select(delivery => delivery.KeyId).OfType<string>().Distinct().ToList();
        Assert.Equal(2, keys.Count);
        string[][] outcomes = [[], ["stored"], ["quarantined", "unverified"], ["ignored", "quarantined"], ["stored", "ignored", "quarantined", "erased", "unverified"]];
        foreach (var wanted in outcomes)
        {
            foreach (var key in keys.Append(null))
            {
                foreach (var reason in new[] { null, "not JSON", BadRating })
                {
                    foreach (var meeting in new[] { null, "meeting-1", "nobody" })
                    {
                        var (from, to) = (all[10].ReceivedAt, all[2].ReceivedAt);
                        var expected = all.Where(delivery => (wanted.Length == 0 || wanted.Contains(delivery.Outcome)) && (key is null || delivery.KeyId == key)
                            && (reason is null || delivery.Reason?.Split(" from byte ")[0] == reason) && (meeting is null || delivery.MeetingId == meeting));
                        var filter = string.Concat(wanted.Select(outcome => $"&outcome={outcome}")) + (key is null ? "" : $"&key_id={key}")
                            + (reason is null ? "" : $"&reason={Uri.EscapeDataString(reason)}") + (meeting is null ? "" : $"&meeting_id={meeting}");

                        Assert.Equal(expected, await ListAsync(filter));
                        Assert.Equal(
                            expected.Where(delivery => delivery.ReceivedAt >= from && delivery.ReceivedAt < to),
                            await ListAsync($"{filter}&received_from={Rfc3339(from)}&received_to={Rfc3339(to)}"));
                    }
                }
            }
        }
    }

    [Fact]
    public async Task A_reason_is_found_wherever_in_the_body_it_is_and_with_its_path()
    {
        var exact = (await ListAsync($"&reason={Uri.EscapeDataString("not JSON")}")).Select(delivery => delivery.Reason!).Distinct().ToList();
        Assert.True(exact.Count > 1);

        Assert.Equal(3, (await ListAsync($"&reason={Uri.EscapeDataString(exact[0])}")).Count);
        Assert.Equal(3, (await ListAsync($"&reason={Uri.EscapeDataString(BadRating)}&path=/payload/agent_performance_rating")).Count);
        Assert.Equal(3, (await ListAsync("&reason=not+JSON&path=")).Count);
        Assert.Empty(await ListAsync($"&reason={Uri.EscapeDataString(BadRating)}&path=/payload/customer_satisfaction_rating"));
    }

    [Fact]
    public async Task A_place_in_a_list_is_any_place()
    {
        foreach (var place in new[] { 1, 3 })
        {
            var transcript = Enumerable.Range(0, 5).Select(n => CallbackBuilder.Segment(n == place ? 7 : "text", "speaker")).ToArray();
            await Service.PostAsync("demo", (new CallbackBuilder() { Transcript = transcript }).Build());
        }

        var reason = (await ListAsync("&outcome=quarantined"))[0].Reason!;
        foreach (var path in new[] { "/payload/transcript/*/text", "/payload/transcript/3/text" })
            Assert.Equal(2, (await ListAsync($"&reason={Uri.EscapeDataString(reason)}&path={Uri.EscapeDataString(path)}")).Count);
    }

    [Theory]
    [InlineData("outcome=stored&outcome=lost", "outcome")]
    [InlineData("key_id=", "key_id")]
    [InlineData("reason=a%00b", "reason")]
    [InlineData("path=/payload", "path")]
    public async Task A_wrong_filter_is_named(string query, string parameter)
    {
        foreach (var answer in new[] { await Service.GetAsync($"{Base}?{query}"), await Service.SendAsync(HttpMethod.Post, $"{Base}/replay?{query}") })
            Assert.Equal((400, parameter), (answer.Status, answer.Json.GetProperty("errors")[0].GetProperty("parameter").GetString()));
    }

    [Fact]
    public async Task A_replay_finds_by_reason_and_key_what_the_list_does()
    {
        var key = (await ListAsync("&outcome=quarantined"))[0].KeyId;
        var expected = (await ListAsync($"&reason=not+JSON&key_id={key}")).Count;

        var report = await Service.SendAsync(HttpMethod.Post, $"{Base}/replay?reason=not+JSON&key_id={key}&outcome=quarantined&outcome=ignored");

        Assert.InRange(expected, 1, 2);
        Assert.Equal($$$"""{"replayed":{{{expected}}},"outcomes":{"quarantined":{{{expected}}}},"next_cursor":null}""", report.Body);
    }

    [Fact]
    public async Task A_delivery_shows_the_digest_of_its_body()
    {
        var body = new CallbackBuilder("digest").Build();
        var signed = (await Service.PostAsync("demo", body))["delivery_id"];
        var unverified = Assert.Single(await ListAsync("&outcome=unverified"));

        var one = (await Service.GetAsync($"{Base}/{signed}")).Json;
        var other = (await Service.GetAsync($"{Base}/{unverified.DeliveryId}")).Json;

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body)), one.GetProperty("body_sha256").GetString());
        var kept = (await Service.GetAsync($"{Base}/{unverified.DeliveryId}/body")).Bytes;
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(kept)), other.GetProperty("body_sha256").GetString());
    }

    private static string Rfc3339(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>All pages of a list.</summary>
    private async Task<List<Listed>> ListAsync(string filter)
    {
        var listed = new List<Listed>();
        string? cursor = null;
        do
        {
            var page = await Service.GetAsync($"{Base}?limit=4{filter}{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.True(page.Status == 200, $"{filter}: {page}");
            listed.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(Listed.Of));
            cursor = page.Json.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        return listed;
    }

    private sealed record Listed(string DeliveryId, string Outcome, string? MeetingId, string? KeyId, string? Reason, DateTime ReceivedAt)
    {
        public static Listed Of(JsonElement item) => new(
            item.GetProperty("delivery_id").GetString()!,
            item.GetProperty("outcome").GetString()!,
            item.GetProperty("meeting_id").GetString(),
            item.GetProperty("key_id").GetString(),
            item.GetProperty("errors") is { ValueKind: JsonValueKind.Array } errors ? errors[0].GetProperty("reason").GetString() : null,
            item.GetProperty("received_at").GetDateTime());
    }
}
