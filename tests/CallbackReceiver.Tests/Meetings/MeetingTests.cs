using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>One meeting, its transcript and its revisions.</summary>
public sealed class MeetingTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Meetings = "/api/v1/workspaces/demo/meetings/";

    private ReceiverProcess Service => receiver.Service;

    [Fact]
    public async Task A_meeting_has_every_field_of_the_contract_and_nulls_are_written()
    {
        var body = new CallbackBuilder("fields").Payload("agent_performance_rating", null).Payload("upsell", "High").Envelope("callback_metadata", "here").Build();
        var receipt = await Service.PostAsync("demo", body);

        var meeting = (await Service.GetAsync(Meetings + "fields", Keys.ApiDemo)).Json;

        Assert.Equal(
            ["workspace_id", "meeting_id", "title", "summary", "customer_satisfaction_rating", "agent_performance_rating", "agent_performance_feedback",
                "risk_factor", "items", "metadata", "speakers", "segments", "revision", "delivery_id", "first_received_at", "received_at", "transcript"],
            meeting.EnumerateObject().Select(member => member.Name));
        Assert.Equal(JsonValueKind.Null, meeting.GetProperty("agent_performance_rating").ValueKind);
        Assert.Equal("""{"upsell": "High"}""", meeting.GetProperty("items").GetRawText().Replace("\":\"", "\": \"", StringComparison.Ordinal));
        Assert.Equal("here", meeting.GetProperty("metadata").GetProperty("callback_metadata").GetString());
        Assert.Equal(receipt["delivery_id"], meeting.GetProperty("delivery_id").GetString());
        Assert.Equal("Hi, I'm calling about my documents.", meeting.GetProperty("transcript")[0].GetProperty("text").GetString());
        Assert.False((await Service.GetAsync("/api/v1/workspaces/demo/meetings", Keys.ApiDemo)).Json.GetProperty("items")[0].TryGetProperty("transcript", out _));
    }

    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("/", "%2f")]
    [InlineData("a%2Fb", "a%252Fb")]
    [InlineData("a/b%2Fc", "a%2fb%252Fc")]
    [InlineData("100%", "100%25")]
    [InlineData("補件 通話", "%E8%A3%9C%E4%BB%B6%20%E9%80%9A%E8%A9%B1")]
    [InlineData("a+b?c=d&e#f", "a+b%3Fc=d%26e%23f")]
    [InlineData("😀", "%F0%9F%98%80")]
    public async Task Any_id_can_be_asked_for(string meetingId, string inUrl)
    {
        await Service.PostAsync("demo", new CallbackBuilder(meetingId).Build());

        Assert.All(
            [
                await Service.GetAsync(Meetings + inUrl),
                await Service.GetAsync(Meetings + inUrl + "/revisions/1"),
            ],
            answer => Assert.Equal((200, meetingId), (answer.Status, answer["meeting_id"])));
        Assert.Equal(200, (await Service.GetAsync(Meetings + inUrl + "/transcript")).Status);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("a%2500b")]
    [InlineData("%FF")]
    [InlineData("%ED%A0%80")]
    [InlineData("nothing/revisions/0")]
    [InlineData("nothing/revisions/-1")]
    [InlineData("nothing/revisions/abc")]
    [InlineData("nothing/revisions/99999999999")]
    public async Task What_is_not_there_answers_404(string path)
    {
        var answer = await Service.GetAsync(Meetings + path);

        Assert.Equal((404, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal("urn:callback-receiver:problem:not-found", answer["type"]);
    }

    /// <summary>The web server refuses an encoded U+0000 in a path itself, before any of the service runs.</summary>
    [Theory]
    [InlineData("/api/v1/workspaces/demo/meetings/a%00b")]
    [InlineData("/api/v1/workspaces/a%00b/meetings")]
    public async Task An_encoded_nul_is_refused(string path) => Assert.InRange((await Service.GetAsync(path)).Status, 400, 404);

    [Fact]
    public async Task A_transcript_is_json_unless_plain_text_is_liked_better()
    {
        var segments = new[]
        {
            new Dictionary<string, object?> { ["text"] = "您好", ["speaker"] = "客戶" },
            new Dictionary<string, object?> { ["text"] = "Hi" },
            new Dictionary<string, object?> { ["text"] = "Yes", ["speaker"] = null },
        };
        await Service.PostAsync("demo", new CallbackBuilder("spoken").Payload("transcript", segments).Build());

        var json = await Service.GetAsync(Meetings + "spoken/transcript");
        var any = await Service.GetAsync(Meetings + "spoken/transcript", accept: "*/*");
        var both = await Service.GetAsync(Meetings + "spoken/transcript", accept: "text/plain;q=0.5, application/json");
        var text = await Service.GetAsync(Meetings + "spoken/transcript", accept: "text/plain");

        Assert.All([json, any, both], answer => Assert.Equal(("application/json", 3), (answer.ContentType, answer.Json.GetArrayLength())));
        Assert.Equal(("text/plain", "客戶: 您好\nHi\nYes\n"), (text.ContentType, text.Body));
        Assert.All([json, text], answer => Assert.Equal("Accept, Accept-Encoding", answer.Headers["Vary"]));
    }

    [Fact]
    public async Task A_meeting_without_a_transcript_has_an_empty_one()
    {
        await Service.PostAsync("demo", new CallbackBuilder("silent").WithoutPayload("transcript").Build());

        Assert.Equal("[]", (await Service.GetAsync(Meetings + "silent/transcript")).Body);
        Assert.Equal("", (await Service.GetAsync(Meetings + "silent/transcript", accept: "text/plain")).Body);
    }

    [Fact]
    public async Task Every_analysis_can_be_read_and_the_newest_is_current()
    {
        var receipts = new List<Answer>();
        foreach (var rating in new[] { "A", "C", "E" })
            receipts.Add(await Service.PostAsync("demo", new CallbackBuilder("again").Payload("customer_satisfaction_rating", rating).Build()));

        var revisions = (await Service.GetAsync(Meetings + "again/revisions")).Json.GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([1, 2, 3], revisions.Select(revision => revision.GetProperty("revision").GetInt32()));
        Assert.Equal([false, false, true], revisions.Select(revision => revision.GetProperty("current").GetBoolean()));
        Assert.Equal(receipts.Select(receipt => receipt["delivery_id"]), revisions.Select(revision => revision.GetProperty("delivery_id").GetString()));
        for (var n = 1; n <= 3; n++)
        {
            var one = await Service.GetAsync(Meetings + $"again/revisions/{n}");
            Assert.Equal(("ACE"[n - 1].ToString(), n.ToString(), receipts[n - 1]["delivery_id"]), (one["customer_satisfaction_rating"], one["revision"], one["delivery_id"]));
        }

        Assert.Equal(404, (await Service.GetAsync(Meetings + "again/revisions/4")).Status);
        Assert.Equal(404, (await Service.GetAsync(Meetings + "again/revisions/0")).Status);
    }

    [Fact]
    public async Task An_older_analysis_that_is_stored_late_is_a_revision_and_not_the_current_one()
    {
        await Service.PostAsync("demo", new CallbackBuilder("late").Payload("title", "newer").Build());
        // As if the first had been received by another replica, an hour from now.
        await receiver.QueryAsync("UPDATE meetings SET received_at = received_at + interval '1 hour' WHERE meeting_id = 'late'");
        await Service.PostAsync("demo", new CallbackBuilder("late").Payload("title", "older").Build());

        var revisions = (await Service.GetAsync(Meetings + "late/revisions")).Json.GetProperty("items").EnumerateArray();
        var meeting = await Service.GetAsync(Meetings + "late");

        Assert.Equal([true, false], revisions.Select(revision => revision.GetProperty("current").GetBoolean()));
        Assert.Equal(("newer", "1"), (meeting["title"], meeting["revision"]));
        Assert.Equal("older", (await Service.GetAsync(Meetings + "late/revisions/2"))["title"]);
    }

    [Fact]
    public async Task An_analysis_is_the_same_as_the_meeting_as_its_revision_and_when_a_newer_one_has_followed()
    {
        foreach (var sample in Sample.All)
            await Service.PostAsync(sample);

        foreach (var item in (await Service.GetAsync("/api/v1/workspaces/demo/meetings?limit=200")).Json.GetProperty("items").EnumerateArray())
        {
            if (item.GetProperty("meeting_id").GetString() == "late")
                continue; // its time was changed in one table only
            var path = Meetings + Uri.EscapeDataString(item.GetProperty("meeting_id").GetString()!);
            var meeting = await Service.GetAsync(path);
            var revision = await Service.GetAsync($"{path}/revisions/{meeting["revision"]}");
            await Service.PostAsync("demo", new CallbackBuilder(item.GetProperty("meeting_id").GetString()!) { Title = "newer" }.Build());
            var earlier = await Service.GetAsync($"{path}/revisions/{meeting["revision"]}");
            AssertSame(meeting, revision);
            AssertSame(meeting, earlier);
            Assert.Equal("newer", (await Service.GetAsync(path))["title"]);
        }

        static void AssertSame(Answer expected, Answer actual) => Assert.True(
            JsonElement.DeepEquals(expected.Json, actual.Json), $"{expected.Body[..Math.Min(2000, expected.Body.Length)]}\n{actual.Body[..Math.Min(2000, actual.Body.Length)]}");
    }

    [Fact]
    public async Task Answers_are_private_and_in_chinese_as_it_is()
    {
        await Service.PostAsync("demo", new CallbackBuilder("chinese").Payload("title", "補件").Build());

        var answer = await Service.GetAsync(Meetings + "chinese");

        Assert.Equal("no-cache, private", answer.Headers["Cache-Control"]);
        Assert.Contains("\"title\":\"補件\"", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_database_reads_answer_503_and_when_to_come_again()
    {
        await using var service = await ReceiverProcess.StartAsync(
            new Dictionary<string, string>(Keys.Settings)
            {
                ["ConnectionStrings:CallbackReceiver"] = "Host=127.0.0.1;Port=1;Timeout=2",
                ["Spool:Directory"] = receiver.SpoolDirectory + "-unused",
            },
            untilReady: false);

        foreach (var path in new[] { "/api/v1/workspaces", "/api/v1/workspaces/demo/meetings", Meetings + "x", Meetings + "x/transcript", Meetings + "x/revisions", "/api/v1/workspaces/nowhere/meetings" })
        {
            var answer = await service.GetAsync(path);
            Assert.Equal((503, "application/problem+json", "urn:callback-receiver:problem:database-away"), (answer.Status, answer.ContentType, answer["type"]));
            Assert.True(int.Parse(answer.Headers["Retry-After"]) > 0);
        }

        Assert.Equal(401, (await service.GetAsync("/api/v1/workspaces", apiKey: null)).Status);
    }

    [Fact]
    public async Task Connections_that_the_server_ended_never_answer_500()
    {
        await Service.PostAsync("demo", new CallbackBuilder("ended").Build());
        for (var i = 0; i < 5; i++)
        {
            await receiver.QueryAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            Assert.True((await Service.GetAsync(Meetings + "ended")).Status is 200 or 503);
        }

        await Eventually.HoldsAsync(async () => (await Service.GetAsync(Meetings + "ended")).Status == 200);
    }
}
