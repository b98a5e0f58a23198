using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Deliveries;

[Trait("Category", "Storage")]
public sealed class BulkReplayTests(Receiver receiver) : IClassFixture<Receiver>, IAsyncLifetime
{
    private const string Path = "/api/v1/workspaces/demo/deliveries/replay";

    private ReceiverProcess Service => receiver.Service;

    /// <summary>Each test has the workspace to itself.</summary>
    public async ValueTask InitializeAsync() => await receiver.QueryAsync("TRUNCATE deliveries, meetings, unverified_deliveries, audit");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task What_an_earlier_parser_had_quarantined_is_stored_batch_by_batch_in_the_order_of_receiving()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 7; i++)
            ids.Add(await PostQuarantinedAsync(new CallbackBuilder("again") { Title = $"analysis {i}" }));
        await Service.PostAsync("demo", new CallbackBuilder("untouched").Build());

        var first = await ReplayAsync("?outcome=quarantined&limit=3");
        var second = await ReplayAsync($"?outcome=quarantined&limit=3&cursor={first["next_cursor"]}");
        var last = await ReplayAsync($"?outcome=quarantined&limit=3&cursor={second["next_cursor"]}");

        Assert.Equal($$$"""{"replayed":3,"outcomes":{"stored":3},"next_cursor":"{{{ids[2]}}}"}""", first.Body);
        Assert.Equal(ids[5].ToString(), second["next_cursor"]);
        Assert.Equal("""{"replayed":1,"outcomes":{"stored":1},"next_cursor":null}""", last.Body);
        Assert.Equal(ids, await receiver.ScalarAsync<Guid[]>("SELECT delivery_ids FROM meetings WHERE meeting_id = 'again'"));
        Assert.Equal("analysis 6", (await Service.GetAsync("/api/v1/workspaces/demo/meetings/again"))["title"]);
        Assert.Equal(
            ids.Select(id => id.ToString()),
            (await receiver.QueryAsync("SELECT subject FROM audit WHERE action = 'replay' AND actor = 'all' ORDER BY subject")).Select(row => (string)row[0]!));
        Assert.Equal("""{"replayed":0,"outcomes":{},"next_cursor":null}""", (await ReplayAsync("?outcome=quarantined")).Body);
    }

    [Fact]
    public async Task Outcomes_are_counted_each_by_its_name_whatever_becomes_of_the_delivery()
    {
        const string NewKey = "bU3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA";
        const string LostKey = "lO3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA";
        await PostQuarantinedAsync(new CallbackBuilder());
        await Service.PostAsync("demo", new CallbackBuilder { CustomerSatisfactionRating = "Z" }.Build());
        await Service.PostAsync("demo", new CallbackBuilder { EventName = "another" }.Build());
        await Service.PostAsync("demo", new CallbackBuilder().Build(), NewKey);
        await Service.PostAsync("demo", (new CallbackBuilder() with { WorkspaceId = "other" }).Build(), NewKey);
        await Service.PostAsync("demo", new CallbackBuilder().Build(), LostKey);
        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM unverified_deliveries") == 3);
        await using var mended = await receiver.StartAsync(("Workspaces:demo:Keys:2", NewKey));

        var answer = await mended.SendAsync(HttpMethod.Post, Path);

        Assert.Equal("""{"replayed":6,"outcomes":{"ignored":1,"other_workspace":1,"quarantined":1,"stored":2,"unverified":1},"next_cursor":null}""", answer.Body);
        Assert.Equal(2, await receiver.ScalarAsync<long>("SELECT count(*) FROM unverified_deliveries")); // the only copies that there are
    }

    [Fact]
    public async Task One_that_fails_is_counted_with_its_reason_and_is_in_no_others_way()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
            ids.Add(await PostQuarantinedAsync(new CallbackBuilder()));
        await receiver.QueryAsync($"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
            CREATE TRIGGER refuse BEFORE UPDATE ON deliveries FOR EACH ROW WHEN (OLD.delivery_id = '{ids[1]}') EXECUTE FUNCTION refuse()
            """);
        try
        {
            var first = await ReplayAsync("?limit=2");
            Assert.Equal((200, """{"failed":1,"stored":1}"""), (first.Status, first["outcomes"]));
            Assert.Equal(ids[1].ToString(), first["next_cursor"]);
            var failure = Assert.Single(first.Json.GetProperty("failures").EnumerateArray());
            Assert.Equal((ids[1], true), (failure.GetProperty("delivery_id").GetGuid(), failure.GetProperty("reason").GetString()!.Length > 0));

            var rest = await ReplayAsync($"?cursor={first["next_cursor"]}");
            Assert.Equal("""{"replayed":3,"outcomes":{"stored":3},"next_cursor":null}""", rest.Body);
            Assert.Equal(503, (await Service.SendAsync(HttpMethod.Post, $"/api/v1/workspaces/demo/deliveries/{ids[1]}/replay")).Status);
        }
        finally
        {
            await receiver.QueryAsync("DROP TRIGGER refuse ON deliveries; DROP FUNCTION refuse");
        }

        Assert.Equal("""{"replayed":1,"outcomes":{"stored":1},"next_cursor":null}""", (await ReplayAsync("")).Body);
    }

    [Fact]
    public async Task Without_PostgreSQL_none_is_passed_over()
    {
        for (var i = 0; i < 3; i++)
            await PostQuarantinedAsync(new CallbackBuilder());
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        await using var away = await receiver.StartAsync(("ConnectionStrings:CallbackReceiver", connectionString));
        proxy.Cut();

        Assert.Equal(503, (await away.SendAsync(HttpMethod.Post, Path)).Status);

        Assert.Equal("""{"replayed":3,"outcomes":{"stored":3},"next_cursor":null}""", (await ReplayAsync("")).Body);
    }

    [Fact]
    public async Task Only_what_the_filter_names_is_replayed()
    {
        var early = await PostQuarantinedAsync(new CallbackBuilder("early"));
        var late = await PostQuarantinedAsync(new CallbackBuilder("late"));
        var between = await receiver.ScalarAsync<DateTime>("SELECT received_at FROM deliveries WHERE delivery_id = $1", late);
        await receiver.QueryAsync("UPDATE deliveries SET body = NULL WHERE delivery_id = $1", await PostQuarantinedAsync(new CallbackBuilder("no-body")));

        Assert.Equal("0", (await ReplayAsync("?meeting_id=nobody"))["replayed"]);
        Assert.Equal("0", (await ReplayAsync("?outcome=ignored"))["replayed"]);
        Assert.Equal("0", (await ReplayAsync("?outcome=unverified"))["replayed"]);
        Assert.Equal("1", (await ReplayAsync($"?received_to={between:O}"))["replayed"]);
        Assert.Equal("stored", (await Service.GetAsync($"/api/v1/workspaces/demo/deliveries/{early}"))["outcome"]);
        Assert.Equal("quarantined", (await Service.GetAsync($"/api/v1/workspaces/demo/deliveries/{late}"))["outcome"]);
        Assert.Equal("1", (await ReplayAsync($"?meeting_id=late&received_from={between:O}"))["replayed"]);
        Assert.Equal("0", (await ReplayAsync(""))["replayed"]);
    }

    [Theory]
    [InlineData("?outcome=stored", "outcome")]
    [InlineData("?outcome=erased", "outcome")]
    [InlineData("?limit=201", "limit")]
    [InlineData("?cursor=x", "cursor")]
    [InlineData("?received_from=yesterday", "received_from")]
    [InlineData("?outcom=quarantined", "outcom")]
    public async Task A_wrong_parameter_is_named_and_replays_nothing(string query, string parameter)
    {
        await PostQuarantinedAsync(new CallbackBuilder());

        var answer = await ReplayAsync(query);

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal(parameter, answer.Json.GetProperty("errors")[0].GetProperty("parameter").GetString());
        Assert.Equal(0, await receiver.ScalarAsync<long>("SELECT count(*) FROM audit"));
    }

    [Fact]
    public async Task A_key_that_may_only_read_or_may_not_see_the_workspace_replays_nothing()
    {
        await PostQuarantinedAsync(new CallbackBuilder());

        Assert.Equal(403, (await Service.SendAsync(HttpMethod.Post, Path, Keys.ApiDemo)).Status);
        Assert.Equal(404, (await Service.SendAsync(HttpMethod.Post, Path.Replace("demo", "other", StringComparison.Ordinal), Keys.ApiManageOnly)).Status);
        Assert.Equal(1, await receiver.ScalarAsync<long>("SELECT count(*) FROM deliveries WHERE outcome = 'quarantined'"));
    }

    private Task<Answer> ReplayAsync(string query) => Service.SendAsync(HttpMethod.Post, Path + query);

    /// <summary>A good analysis that an earlier parser had not taken.</summary>
    private async Task<Guid> PostQuarantinedAsync(CallbackBuilder callback)
    {
        var id = (await Service.PostAsync("demo", callback.Build())).DeliveryId;
        await receiver.QueryAsync("UPDATE deliveries SET outcome = 'quarantined', errors = '[]' WHERE delivery_id = $1", id);
        await receiver.QueryAsync("DELETE FROM meetings WHERE $1 = ANY (delivery_ids)", id);
        return id;
    }
}
