using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Deliveries;

[Trait("Category", "Storage")]
public sealed class DeliveriesApiTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Base = "/api/v1/workspaces/demo/deliveries";

    private ReceiverProcess Service => receiver.Service;

    [Fact]
    public async Task A_delivery_is_shown_with_what_the_ledger_says()
    {
        var body = new CallbackBuilder("shown").Build();
        var receipt = await Service.PostAsync("demo", body);
        await Service.PostAsync("demo", body);

        var delivery = (await Service.GetAsync($"{Base}/{receipt["delivery_id"]}")).Json;

        Assert.Equal("stored", delivery.GetProperty("outcome").GetString());
        Assert.Equal("shown", delivery.GetProperty("meeting_id").GetString());
        Assert.Equal(1, delivery.GetProperty("duplicates").GetInt32());
        Assert.Equal(body.Length, delivery.GetProperty("bytes").GetInt32());
        Assert.Equal(8, delivery.GetProperty("key_id").GetString()!.Length);
        Assert.Equal(JsonValueKind.Null, delivery.GetProperty("errors").ValueKind);
    }

    [Fact]
    public async Task Filters_and_pages_give_each_delivery_once_newest_first()
    {
        var expected = new List<string>();
        for (var i = 0; i < 7; i++)
            expected.Add((await Service.PostAsync("other", new CallbackBuilder("paged").Envelope("workspace_id", "other").Payload("nps", i).Build(), Keys.Other))["delivery_id"]!);
        await Service.PostAsync("other", "bad"u8.ToArray(), Keys.Other);
        expected.Reverse();

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var after = cursor is null ? "" : $"&cursor={cursor}";
            var page = (await Service.GetAsync($"/api/v1/workspaces/other/deliveries?limit=3&meeting_id=paged&outcome=stored&received_from=2020-01-01T00:00:00Z{after}")).Json;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("delivery_id").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(expected, seen);
        var quarantined = (await Service.GetAsync("/api/v1/workspaces/other/deliveries?outcome=quarantined")).Json.GetProperty("items");
        Assert.Equal("", Assert.Single(quarantined.EnumerateArray()).GetProperty("errors")[0].GetProperty("path").GetString());
        Assert.Empty((await Service.GetAsync("/api/v1/workspaces/other/deliveries?received_from=2100-01-01T00:00:00%2B08:00")).Json.GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("outcome=lost", "outcome")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("limit=201", "limit")]
    [InlineData("received_from=2026-01-01", "received_from")]
    [InlineData("received_to=2026-01-01T00:00:00", "received_to")]
    [InlineData("meeting_id=", "meeting_id")]
    [InlineData("meeting_id=a%00b", "meeting_id")]
    [InlineData("color=red", "color")]
    [InlineData("limit=1&limit=2", "limit")]
    public async Task A_wrong_parameter_is_named(string query, string parameter)
    {
        var answer = await Service.GetAsync($"{Base}?{query}");

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal(parameter, answer.Json.GetProperty("errors")[0].GetProperty("parameter").GetString());
    }

    [Fact]
    public async Task The_exact_body_is_an_attachment_for_those_who_manage_and_reading_it_is_noted()
    {
        var body = new CallbackBuilder("body").Build();
        var id = (await Service.PostAsync("demo", body))["delivery_id"]!;

        var answer = await Service.GetAsync($"{Base}/{id}/body");

        Assert.Equal(body, answer.Bytes);
        Assert.StartsWith("attachment", answer.Headers["Content-Disposition"]);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
        Assert.Equal(403, (await Service.GetAsync($"{Base}/{id}/body", Keys.ApiDemo)).Status);
        Assert.Equal(404, (await Service.GetAsync($"/api/v1/workspaces/other/deliveries/{id}/body")).Status);
        Assert.Equal("all", Assert.Single(await receiver.QueryAsync("SELECT actor FROM audit WHERE action = 'read_body' AND subject = $1", id))[0]);
    }

    [Fact]
    public async Task A_quarantined_body_stays_so_when_it_is_replayed_unchanged()
    {
        var receipt = await Service.PostAsync("demo", "{\"event_name\": \"dashboard_analysis_finished\"}"u8.ToArray());

        var answer = await ReplayAsync(receipt["delivery_id"]!);

        Assert.Equal((202, "quarantined", receipt["delivery_id"]), (answer.Status, answer["outcome"], answer["delivery_id"]));
    }

    [Fact]
    public async Task What_an_earlier_parser_had_quarantined_is_stored_by_a_replay_without_overtaking_a_newer_analysis()
    {
        var old = new CallbackBuilder("replayed").Payload("summary", "old").Build();
        var id = Guid.Parse((await Service.PostAsync("demo", old))["delivery_id"]!);
        await Service.PostAsync("demo", new CallbackBuilder("replayed").Payload("summary", "new").Build());
        await receiver.QueryAsync("UPDATE deliveries SET outcome = 'quarantined', errors = '[]' WHERE delivery_id = $1", id);
        await receiver.QueryAsync("UPDATE meetings SET delivery_ids = array_remove(delivery_ids, $1), revision = 1 WHERE meeting_id = 'replayed'", id);

        var answer = await ReplayAsync(id.ToString());
        var again = await ReplayAsync(id.ToString());

        Assert.Equal((200, "stored", "2"), (answer.Status, answer["outcome"], answer["revision"]));
        Assert.Equal((200, "duplicate", "2"), (again.Status, again["outcome"], again["revision"]));
        Assert.Equal("new", (await Service.GetAsync("/api/v1/workspaces/demo/meetings/replayed"))["summary"]);
        Assert.Equal("stored", (await Service.GetAsync($"{Base}/{id}"))["outcome"]);
    }

    [Fact]
    public async Task A_body_signed_with_a_key_we_did_not_know_is_kept_and_stored_once_the_key_is_mended()
    {
        const string RightKey = "zZ3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA";
        var body = new CallbackBuilder("mended").Build();
        Assert.Equal(401, (await Service.PostAsync("demo", body, RightKey)).Status);
        await Eventually.HoldsAsync(async () => (await ListUnverifiedAsync()).Count == 1);
        var id = (await ListUnverifiedAsync())[0];
        Assert.Equal(409, (await ReplayAsync(id)).Status);

        await using var mended = await receiver.StartAsync(("Workspaces:demo:Keys:2", RightKey));
        var answer = await ReplayAsync(id, mended);

        Assert.Equal((200, "stored", id), (answer.Status, answer["outcome"], answer["delivery_id"]));
        Assert.Equal("mended", (await Service.GetAsync("/api/v1/workspaces/demo/meetings/mended"))["meeting_id"]);
        Assert.Empty(await ListUnverifiedAsync());

        async Task<List<string>> ListUnverifiedAsync() =>
            [.. (await Service.GetAsync($"{Base}?outcome=unverified")).Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("delivery_id").GetString()!)];
    }

    [Fact]
    public async Task A_replay_that_ends_in_403_keeps_the_only_copy()
    {
        const string RightKey = "yY3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA";
        var body = (new CallbackBuilder() with { WorkspaceId = "other" }).Build();
        Assert.Equal(401, (await Service.PostAsync("demo", body, RightKey)).Status);
        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM unverified_deliveries WHERE body = $1", body) == 1);
        var id = await receiver.ScalarAsync<Guid>("SELECT delivery_id FROM unverified_deliveries WHERE body = $1", body);

        await using var mended = await receiver.StartAsync(("Workspaces:demo:Keys:2", RightKey));
        for (var again = 0; again < 2; again++)
            Assert.Equal(403, (await ReplayAsync(id.ToString(), mended)).Status);

        Assert.Equal(body, (await Service.GetAsync($"{Base}/{id}/body")).Bytes);
        await receiver.QueryAsync("DELETE FROM unverified_deliveries WHERE body = $1", body);
    }

    [Fact]
    public async Task A_reader_who_goes_away_is_in_the_audit_before_anything_is_done()
    {
        var id = (await Service.PostAsync("demo", "no JSON at all"u8.ToArray()))["delivery_id"]!;
        await using (await receiver.LockDeliveriesAsync("SHARE"))
        {
            using var leaving = new CancellationTokenSource();
            var replaying = Service.Http.SendAsync(RequestOf(HttpMethod.Post, $"{Base}/{id}/replay"), leaving.Token);
            await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM audit WHERE action = 'replay' AND subject = $1", id) == 1);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => replaying);
        }

        await using (var connection = await receiver.OpenAsync())
        {
            await using var block = new Npgsql.NpgsqlCommand("BEGIN; LOCK TABLE audit IN SHARE MODE", connection);
            await block.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            using var leaving = new CancellationTokenSource();
            var reading = Service.Http.SendAsync(RequestOf(HttpMethod.Get, $"{Base}/{id}/body"), leaving.Token);
            await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO audit%'") == 1);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }

        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM audit WHERE action = 'read_body' AND subject = $1", id) == 1);

        static HttpRequestMessage RequestOf(HttpMethod method, string path) =>
            new(method, path) { Headers = { Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", Keys.ApiAll) } };
    }

    [Fact]
    public async Task Unverified_deliveries_are_bounded_and_push_out_nothing_that_was_signed()
    {
        await using var service = await receiver.StartAsync(("Unverified:MaxDeliveries", "3"), ("Workspaces:third:Keys:0", "qQ3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA"));
        var signed = new CallbackBuilder("kept").Envelope("workspace_id", "third").Build();
        await service.PostAsync("third", signed, "qQ3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA");
        for (var i = 0; i < 10; i++)
            await service.PostAsync("third", new CallbackBuilder($"unknown {i}").Envelope("workspace_id", "third").Build(), "wrong");

        var last = System.Text.Encoding.UTF8.GetBytes("unknown 9");
        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>(
            "SELECT count(*) FROM unverified_deliveries WHERE workspace_id = 'third' AND position($1 in body) > 0", last) == 1);

        Assert.Equal(3, await receiver.ScalarAsync<long>("SELECT count(*) FROM unverified_deliveries WHERE workspace_id = 'third'"));
        Assert.Equal(1, await receiver.ScalarAsync<long>("SELECT count(*) FROM deliveries WHERE workspace_id = 'third'"));
    }

    [Fact]
    public async Task An_erased_meeting_is_gone_with_its_bodies_and_a_replay_of_its_bytes_does_not_bring_it_back()
    {
        var first = new CallbackBuilder("erased").Payload("summary", "secret one").Build();
        var second = new CallbackBuilder("erased").Payload("summary", "secret two").Build();
        var unfit = new CallbackBuilder("erased").Payload("summary", 5).Build();
        var id = (await Service.PostAsync("demo", first))["delivery_id"]!;
        await Service.PostAsync("demo", second);
        await Service.PostAsync("demo", unfit);

        Assert.Equal(403, (await DeleteAsync("demo", "erased", Keys.ApiDemo)).Status);
        Assert.Equal(404, (await DeleteAsync("other", "erased", Keys.ApiAll)).Status);
        Assert.Equal(204, (await DeleteAsync("demo", "erased", Keys.ApiAll)).Status);

        Assert.Equal(404, (await Service.GetAsync("/api/v1/workspaces/demo/meetings/erased")).Status);
        Assert.Equal("erased", (await Service.GetAsync($"{Base}/{id}"))["outcome"]);
        Assert.Equal(404, (await Service.GetAsync($"{Base}/{id}/body")).Status);
        Assert.Equal(404, (await ReplayAsync(id)).Status);
        Assert.Equal("duplicate", (await Service.PostAsync("demo", first))["outcome"]);
        Assert.Equal(404, (await Service.GetAsync("/api/v1/workspaces/demo/meetings/erased")).Status);
        Assert.Equal(0, await receiver.ScalarAsync<long>("SELECT count(*) FROM deliveries WHERE meeting_id = 'erased' AND (body IS NOT NULL OR errors IS NOT NULL)"));
        Assert.Single(await receiver.QueryAsync("SELECT 1 FROM audit WHERE action = 'erase' AND subject = 'erased'"));
    }

    private Task<Answer> DeleteAsync(string workspace, string meeting, string apiKey) => Service.DeleteAsync($"/api/v1/workspaces/{workspace}/meetings/{meeting}", apiKey);

    private Task<Answer> ReplayAsync(string id, ReceiverProcess? service = null) => (service ?? Service).SendAsync(HttpMethod.Post, $"{Base}/{id}/replay");
}
