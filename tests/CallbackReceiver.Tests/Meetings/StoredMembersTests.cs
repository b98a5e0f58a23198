using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Items and metadata come back as they were sent, from whichever column they are in, and what cannot be shown stays its row's own.</summary>
public sealed class StoredMembersTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo";

    private ReceiverProcess Service => receiver.Service;

    [Theory]
    [InlineData("{\"b\": 1.0, \"a\": [1.00, -0, 1E5, 1e308, 1e4300, -1E-99999], \"b2\": 1234567890123456789012345678901234567890}", null)]
    [InlineData("{\"z\": 1, \"a\": 1, \"z\": 2}", null)]
    [InlineData("[NaN, Infinity, {\"deep\": -Infinity, \"text\": \"NaN\"}]", "[\"NaN\",\"Infinity\",{\"deep\":\"-Infinity\",\"text\":\"NaN\"}]")]
    [InlineData("\"\\u5ba2\\u6236 \\\"\\ud83d\\ude00\"", "\"客戶 \\\"\\uD83D\\uDE00\"")]
    public async Task Items_and_metadata_are_shown_as_they_were_sent(string sent, string? shown)
    {
        var id = CallbackBuilder.NewMeetingId();
        var expected = $"{{\"x\":{shown ?? sent.Replace(" ", "", StringComparison.Ordinal)}}}";
        await StoreAsync(new CallbackBuilder(id) { RiskFactor = id, Items = [new("x", new RawJson(sent))], Metadata = [new("x", new RawJson(sent))] });

        foreach (var meeting in await ReadAllAsync(id))
            Assert.Equal((expected, expected), (meeting.GetProperty("items").GetRawText(), meeting.GetProperty("metadata").GetRawText()));
    }

    [Fact]
    public async Task Analysis_that_was_quarantined_for_NaN_is_stored_by_a_replay()
    {
        var id = CallbackBuilder.NewMeetingId();
        var answer = await StoreAsync(new CallbackBuilder(id) { Items = [new("nps", new RawJson("NaN"))] });
        await receiver.QueryAsync("DELETE FROM meetings WHERE meeting_id = $1", id);
        await receiver.QueryAsync("UPDATE deliveries SET outcome = 'quarantined', meeting_id = NULL, errors = '[]' WHERE delivery_id = $1", answer.DeliveryId);

        Assert.Equal("stored", (await Service.SendAsync(HttpMethod.Post, $"{Demo}/deliveries/{answer.DeliveryId}/replay")).Outcome);

        Assert.Equal("NaN", (await Service.GetAsync($"{Demo}/meetings/{id}")).Json.GetProperty("items").GetProperty("nps").GetString());
    }

    [Fact]
    public async Task What_an_older_version_stored_since_counts()
    {
        var id = CallbackBuilder.NewMeetingId();
        await StoreAsync(new CallbackBuilder(id) { RiskFactor = id, Items = [new("nps", 1)], Metadata = [new("env", "before")] });
        await receiver.QueryAsync("""UPDATE meetings SET items = '{"nps": 2.50}', metadata = '{"env": "after"}' WHERE meeting_id = $1""", id);

        foreach (var meeting in await ReadAllAsync(id))
        {
            Assert.Equal("""{"nps":2.50}""", meeting.GetProperty("items").GetRawText());
            Assert.Equal("""{"env":"after"}""", meeting.GetProperty("metadata").GetRawText());
        }
    }

    [Theory]
    [InlineData("1e4300")]
    [InlineData("-1e-4300")]
    [InlineData("0e-4300")]
    [InlineData("1e308")]
    public async Task Row_of_an_older_version_whose_numbers_would_be_written_out_is_shown_without_them(string number)
    {
        var (id, times) = (CallbackBuilder.NewMeetingId(), number == "1e308" ? 100_000 : 20_000);
        await StoreAsync(new CallbackBuilder { RiskFactor = id });
        await StoreAsync(new CallbackBuilder(id) { RiskFactor = id, Metadata = [new("env", "prod")] });
        await receiver.QueryAsync(
            $"UPDATE meetings SET items = (SELECT jsonb_build_object('n', jsonb_agg('{number}'::jsonb)) FROM generate_series(1, {times})) WHERE meeting_id = $1", id);

        foreach (var meeting in await ReadAllAsync(id, others: 1))
        {
            Assert.Equal(("{}", "[\"items\"]"), (meeting.GetProperty("items").GetRawText(), meeting.GetProperty("omitted").GetRawText()));
            Assert.Equal("""{"env":"prod"}""", meeting.GetProperty("metadata").GetRawText());
        }

        var csv = (await Service.GetAsync($"{Demo}/export?format=csv&risk_factor={id}")).Body;
        Assert.Contains(",,\"{\"\"env\"\":\"\"prod\"\"}\",", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_row_of_an_older_version_is_shown_whole()
    {
        var id = CallbackBuilder.NewMeetingId();
        await StoreAsync(new CallbackBuilder(id) { RiskFactor = id });
        await receiver.QueryAsync(
            "UPDATE meetings SET items = (SELECT jsonb_build_object('n', jsonb_agg(n % 3), 'big', '1e308'::jsonb) FROM generate_series(1, 300000) AS n), items_as_sent = NULL WHERE meeting_id = $1", id);

        foreach (var meeting in await ReadAllAsync(id))
        {
            Assert.Equal(300_000, meeting.GetProperty("items").GetProperty("n").GetArrayLength());
            Assert.False(meeting.TryGetProperty("omitted", out _));
        }
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{\"a\": 1")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Row_that_somebody_has_spoilt_is_shown_without_what_is_spoilt(string? text)
    {
        var id = CallbackBuilder.NewMeetingId();
        await StoreAsync(new CallbackBuilder { RiskFactor = id });
        await StoreAsync(new CallbackBuilder(id) { RiskFactor = id, Items = [new("nps", 1)] });
        await receiver.QueryAsync($"UPDATE meetings SET items_as_sent = {(text is null ? "NULL" : $"'{text}'")} WHERE meeting_id = $1", id);

        Assert.All(await ReadAllAsync(id, others: 1), meeting => Assert.Equal("[\"items\"]", meeting.GetProperty("omitted").GetRawText()));
    }

    [Fact]
    public async Task Older_versions_find_items_where_they_look_for_them_as_long_as_that_is_asked_for()
    {
        await using var careful = await receiver.StartAsync(("Callbacks:TranscriptsWithMeetings", "true"));
        foreach (var (id, number, isJsonb) in new[] { ("plain", "1.50", true), ("long", "1e308", false), ("refused", "1e99999", false) })
        {
            await careful.PostAsync(Workspaces.Demo, new CallbackBuilder(id) { RiskFactor = id, Items = [new("n", new RawJson(number))] }.Build());

            var row = Assert.Single(await receiver.QueryAsync("SELECT items::text, items_as_sent FROM meetings WHERE meeting_id = $1", id));
            Assert.Equal(isJsonb ? ["""{"n": 1.50}""", null] : ["null", $"{{\"n\": {number}}}"], row);
            Assert.All(await ReadAllAsync(id), meeting => Assert.Equal($"{{\"n\":{number}}}", meeting.GetProperty("items").GetRawText()));
        }
    }

    private async Task<Answer> StoreAsync(CallbackBuilder callback)
    {
        var answer = await Service.PostAsync(Workspaces.Demo, callback.Build());
        Assert.True(answer.Outcome == "stored", answer.ToString());
        return answer;
    }

    /// <summary>The meeting by itself, as its revision, in the list and in a file.</summary>
    /// <param name="id">The meeting, and its risk factor.</param>
    /// <param name="others">How many others have its risk factor.</param>
    private async Task<List<JsonElement>> ReadAllAsync(string id, int others = 0)
    {
        var list = await GetAsync($"meetings?risk_factor={id}");
        var lines = (await GetAsync($"export?risk_factor={id}")).Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((1 + others, 1 + others), (list.Json.GetProperty("items").GetArrayLength(), lines.Length));
        return
        [
            (await GetAsync($"meetings/{id}")).Json,
            (await GetAsync($"meetings/{id}/revisions/1")).Json,
            .. list.Json.GetProperty("items").EnumerateArray().Concat(lines.Select(line => JsonElement.Parse(line))).Where(meeting => meeting.GetProperty("meeting_id").GetString() == id),
        ];
    }

    private async Task<Answer> GetAsync(string path)
    {
        var answer = await Service.GetAsync($"{Demo}/{path}");
        Assert.True(answer.Status == 200, $"{path}: {answer.Status}");
        return answer;
    }
}
