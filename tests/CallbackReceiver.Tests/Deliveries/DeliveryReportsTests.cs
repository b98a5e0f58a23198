using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Deliveries;

/// <summary>Counts of deliveries, the quarantine by reason, the signing keys and the audit of a workspace.</summary>
[Trait("Category", "Storage")]
public sealed class DeliveryReportsTests(Receiver receiver) : IClassFixture<Receiver>, IAsyncLifetime
{
    private const string Demo = "/api/v1/workspaces/demo";
    private const string Other = "/api/v1/workspaces/other";

    private ReceiverProcess Service => receiver.Service;

    /// <summary>Each test has the workspaces to itself.</summary>
    public async ValueTask InitializeAsync() => await receiver.QueryAsync("TRUNCATE deliveries, meetings, unverified_deliveries, audit, changes");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Deliveries_are_counted_by_outcome_and_day_of_the_time_zone()
    {
        // Of the second day in Taipei, two minutes after its midnight, and of the first day.
        await InsertAsync("demo", "2026-03-01T16:02:00Z", "stored");
        await InsertAsync("demo", "2026-03-01T16:03:00Z", "stored");
        await InsertAsync("demo", "2026-03-01T16:04:00Z", "quarantined");
        await InsertAsync("demo", "2026-03-01T15:59:59.999Z", "ignored");
        await InsertAsync("demo", "2026-03-04T00:00:00Z", "stored");
        await InsertAsync("other", "2026-03-01T16:02:00Z", "stored");

        var counts = (await Service.GetAsync($"{Demo}/deliveries/counts?received_from=2026-02-28T16:00:00Z&received_to=2026-03-03T16:00:00Z&time_zone=Asia/Taipei")).Json;

        Assert.Equal(4, counts.GetProperty("deliveries").GetInt64());
        Assert.Equal("""{"stored":2,"ignored":1,"quarantined":1,"erased":0,"unverified":0}""", counts.GetProperty("outcomes").GetRawText());
        Assert.Equal([1, 3, 0], counts.GetProperty("series").EnumerateArray().Select(day => day.GetProperty("deliveries").GetInt64()));
        var second = counts.GetProperty("series")[1];
        Assert.Equal("2026-03-02T00:00:00+08:00", second.GetProperty("from").GetString());
        Assert.Equal("""{"stored":2,"ignored":0,"quarantined":1,"erased":0,"unverified":0}""", second.GetProperty("outcomes").GetRawText());
    }

    [Fact]
    public async Task Counts_agree_with_the_list_of_the_same_time()
    {
        await Service.PostAsync("demo", new CallbackBuilder().Build());
        await Service.PostAsync("demo", "no JSON"u8.ToArray());
        await Service.PostAsync("demo", new CallbackBuilder().Build(), "a wrong key");
        await Eventually.HoldsAsync(async () => (await Service.GetAsync($"{Demo}/deliveries")).Json.GetProperty("items").GetArrayLength() == 3);

        var counts = (await Service.GetAsync($"{Demo}/deliveries/counts?received_to={DateTime.UtcNow.AddMinutes(1):yyyy-MM-ddTHH:mm:ss.fffffffZ}&interval=month")).Json;
        var (from, to) = (counts.GetProperty("received_from").GetString(), counts.GetProperty("received_to").GetString());

        Assert.Equal("""{"stored":1,"ignored":0,"quarantined":1,"erased":0,"unverified":1}""", counts.GetProperty("outcomes").GetRawText());
        foreach (var outcome in counts.GetProperty("outcomes").EnumerateObject())
        {
            var list = (await Service.GetAsync($"{Demo}/deliveries?outcome={outcome.Name}&received_from={from}&received_to={to}")).Json.GetProperty("items");
            Assert.Equal(outcome.Value.GetInt32(), list.GetArrayLength());
        }
    }

    [Theory]
    [InlineData("counts?interval=hour", "interval")]
    [InlineData("counts?time_zone=Mars/Olympus", "time_zone")]
    [InlineData("counts?received_from=1980-01-01T00:00:00Z&interval=day", "interval")]
    [InlineData("counts?received_from=2026-02-01T00:00:00Z&received_to=2026-01-01T00:00:00Z", "received_from")]
    [InlineData("counts?outcome=stored", "outcome")]
    [InlineData("quarantine?received_from=2026-02-01T00:00:00Z&received_to=2026-01-01T00:00:00Z", "received_from")]
    [InlineData("quarantine?limit=5", "limit")]
    public async Task A_wrong_parameter_is_named(string query, string parameter)
    {
        var answer = await Service.GetAsync($"{Demo}/deliveries/{query}");

        Assert.Equal((400, parameter), (answer.Status, answer.Json.GetProperty("errors")[0].GetProperty("parameter").GetString()));
    }

    [Fact]
    public async Task The_quarantine_is_grouped_by_the_first_error_and_each_group_is_found_by_its_reason_and_path()
    {
        await Service.PostAsync("demo", """{"a" 1}"""u8.ToArray());
        await Service.PostAsync("demo", """{"aaaa" 1}"""u8.ToArray());
        var last = (await Service.PostAsync("demo", """{"aaaaaaa" 1}"""u8.ToArray()))["delivery_id"];
        await Service.PostAsync("demo", (new CallbackBuilder() { CustomerSatisfactionRating = "Z", AgentPerformanceRating = "Z" }).Build());
        await Service.PostAsync("demo", new CallbackBuilder().Build());
        await Service.PostAsync("other", "of another"u8.ToArray(), Keys.Other);

        var quarantine = (await Service.GetAsync($"{Demo}/deliveries/quarantine")).Json;
        var groups = quarantine.GetProperty("groups").EnumerateArray().ToList();

        Assert.Equal((4, true), (quarantine.GetProperty("deliveries").GetInt32(), quarantine.GetProperty("complete").GetBoolean()));
        Assert.Equal([("", "not JSON", 3), ("/payload/customer_satisfaction_rating", "a rating is \"A\", \"B\", \"C\", \"D\", \"E\" or null", 1)], groups.Select(group =>
            (group.GetProperty("path").GetString()!, group.GetProperty("reason").GetString()!, group.GetProperty("deliveries").GetInt32())));
        Assert.Equal(last, groups[0].GetProperty("sample_delivery_id").GetString());
        Assert.True(groups[0].GetProperty("first_received_at").GetDateTime() < groups[0].GetProperty("last_received_at").GetDateTime());
        foreach (var group in groups)
        {
            var list = await Service.GetAsync($"{Demo}/deliveries?reason={Uri.EscapeDataString(group.GetProperty("reason").GetString()!)}&path={group.GetProperty("path").GetString()}");
            Assert.Equal(group.GetProperty("deliveries").GetInt32(), list.Json.GetProperty("items").GetArrayLength());
        }

        Assert.Empty((await Service.GetAsync($"{Demo}/deliveries/quarantine?received_to=2026-01-01T00:00:00Z")).Json.GetProperty("groups").EnumerateArray());
    }

    [Fact]
    public async Task Of_many_that_are_quarantined_the_newest_are_looked_at()
    {
        await receiver.QueryAsync("""
            INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, outcome, errors, key_id, received_at, duplicates)
            SELECT 'demo', (lpad(to_hex(1772323200000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, sha256(n::text::bytea), 'quarantined',
                jsonb_build_array(jsonb_build_object('path', '/old', 'reason', CASE WHEN n = 1 THEN 'oldest' ELSE 'newer' END)), 'key', to_timestamp((1772323200000 + n) / 1000.0), 0
            FROM generate_series(1, 10001) AS n
            """);

        var quarantine = (await Service.GetAsync($"{Demo}/deliveries/quarantine")).Json;

        Assert.Equal((10_000, false), (quarantine.GetProperty("deliveries").GetInt32(), quarantine.GetProperty("complete").GetBoolean()));
        Assert.Equal("newer", Assert.Single(quarantine.GetProperty("groups").EnumerateArray()).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Keys_are_shown_by_id_with_their_first_and_last_use()
    {
        var first = await ReceivedAtAsync(await Service.PostAsync("demo", new CallbackBuilder().Build(), Keys.Demo));
        await Service.PostAsync("demo", new CallbackBuilder().Build(), Keys.Demo);
        var last = await ReceivedAtAsync(await Service.PostAsync("demo", "no JSON"u8.ToArray(), Keys.Demo));
        await InsertAsync("demo", "2026-03-01T00:00:00Z", "stored", keyId: "ffff0000");
        await InsertAsync("other", "2026-03-01T00:00:00Z", "stored", keyId: "eeee0000");

        var answer = await Service.GetAsync($"{Demo}/keys", Keys.ApiDemo);
        var keys = answer.Json.GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([Keys.Digest(Keys.Demo)[..8], Keys.Digest(Keys.DemoOld)[..8], "ffff0000"], keys.Select(key => key.GetProperty("key_id").GetString()!));
        Assert.Equal([true, true, false], keys.Select(key => key.GetProperty("configured").GetBoolean()));
        Assert.Equal((first, last), (keys[0].GetProperty("first_used_at").GetString(), keys[0].GetProperty("last_used_at").GetString()));
        Assert.Equal(JsonValueKind.Null, keys[1].GetProperty("last_used_at").ValueKind);
        Assert.DoesNotContain(Keys.Demo, answer.Body, StringComparison.Ordinal);
        Assert.Equal(404, (await Service.GetAsync($"{Other}/keys", Keys.ApiDemo)).Status);
    }

    [Fact]
    public async Task The_audit_is_shown_to_those_who_manage_newest_first_in_pages()
    {
        var id = (await Service.PostAsync("demo", "no JSON"u8.ToArray()))["delivery_id"]!;
        await Service.PostAsync("demo", new CallbackBuilder("erased").Build());
        await Service.GetAsync($"{Demo}/deliveries/{id}/body");
        await Service.SendAsync(HttpMethod.Post, $"{Demo}/deliveries/{id}/replay");
        await Service.DeleteAsync($"{Demo}/meetings/erased");

        var page = await Service.GetAsync($"{Demo}/audit?limit=2");
        var rest = await Service.GetAsync($"{Demo}/audit?limit=2&cursor={page["next_cursor"]}");
        var rows = page.Json.GetProperty("items").EnumerateArray().Concat(rest.Json.GetProperty("items").EnumerateArray()).ToList();

        Assert.Equal([("erase", "erased"), ("replay", id), ("read_body", id)], rows.Select(row => (row.GetProperty("action").GetString()!, row.GetProperty("subject").GetString()!)));
        Assert.All(rows, row => Assert.Equal("all", row.GetProperty("actor").GetString()));
        Assert.Equal(JsonValueKind.Null, rest.Json.GetProperty("next_cursor").ValueKind);
        Assert.Contains("rel=\"next\"", page.Headers["Link"], StringComparison.Ordinal);
        Assert.Empty((await Service.GetAsync($"{Other}/audit")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(403, (await Service.GetAsync($"{Demo}/audit", Keys.ApiDemo)).Status);
        Assert.Equal(404, (await Service.GetAsync($"{Other}/audit", Keys.ApiManageOnly)).Status);
        Assert.Equal(400, (await Service.GetAsync($"{Demo}/audit?cursor=x")).Status);
    }

    [Fact]
    public async Task What_may_be_read_is_not_for_those_who_may_only_manage()
    {
        foreach (var path in new[] { "deliveries/counts", "deliveries/quarantine", "keys" })
        {
            Assert.Equal(403, (await Service.GetAsync($"{Demo}/{path}", Keys.ApiManageOnly)).Status);
            Assert.Equal(404, (await Service.GetAsync($"{Other}/{path}", Keys.ApiDemo)).Status);
            Assert.Equal(401, (await Service.GetAsync($"{Demo}/{path}", apiKey: null)).Status);
        }
    }

    private async Task<string> ReceivedAtAsync(Answer receipt) => (await Service.GetAsync($"{Demo}/deliveries/{receipt["delivery_id"]}"))["received_at"]!;

    private Task<List<object?[]>> InsertAsync(string workspaceId, string receivedAt, string outcome, string keyId = "key") => receiver.QueryAsync(
        """
        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, outcome, key_id, received_at, duplicates)
        VALUES ($1, $2, sha256(($1::text || $3::text)::bytea), $4, $5, $3, 0)
        """,
        workspaceId, Guid.CreateVersion7(DateTimeOffset.Parse(receivedAt, System.Globalization.CultureInfo.InvariantCulture)), DateTime.Parse(receivedAt, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal), outcome, keyId);
}
