using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

[Trait("Category", "Storage")]
public sealed class VectorTests(PostedSamples samples) : IClassFixture<PostedSamples>
{
    public static TheoryData<string> Bodies => [.. Sample.All.Select(sample => sample.File)];

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Sample_carries_the_signature_of_its_key(string body)
    {
        var sample = Sample.All.Single(sample => sample.File == body);
        Assert.Equal(sample.Signature, CallbackBuilder.Sign(sample.Bytes, sample.Key));
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Sample_is_kept_to_the_byte(string body)
    {
        var sent = Sample.Of(body).Bytes;
        var row = await samples.Receiver.Database.DeliveryOfAsync(sent);
        Assert.NotNull(row);
        Assert.Equal(SHA256.HashData(sent), SHA256.HashData(row.Body!));
        Assert.Equal(samples.Answers[body].DeliveryId, row.DeliveryId);
        Assert.Equal(samples.Answers[body].Outcome, row.Outcome);
    }

    [Theory]
    [InlineData("documented.json", "seax_bd4aeffdf09520dd077c7e541b9ae577", 1)]
    [InlineData("captured.json", "2394a2dd-bc25-44f9-a159-643815e55d64", 1)]
    [InlineData("payload-as-string.json", "ee48e21f-2576-49bc-9272-76960ae87a72", 1)]
    [InlineData("null-ratings.json", "seax_00000000000000000000000000000004", 1)]
    [InlineData("custom-items.json", "seax_00000000000000000000000000000005", 1)]
    [InlineData("mandarin.json", "seax_00000000000000000000000000000006", 1)]
    [InlineData("mandarin-utf8.json", "seax_00000000000000000000000000000007", 1)]
    [InlineData("nul-and-surrogate.json", "seax_00000000000000000000000000000008", 1)]
    [InlineData("reanalysed.json", "seax_bd4aeffdf09520dd077c7e541b9ae577", 2)]
    [InlineData("old-key.json", "seax_00000000000000000000000000000010", 1)]
    public void Sample_of_an_analysis_is_stored(string body, string meetingId, int revision)
    {
        var answer = samples.Answers[body];
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal("stored", answer.Outcome);
        Assert.Equal("demo", answer["workspace_id"]);
        Assert.Equal(meetingId, answer["meeting_id"]);
        Assert.Equal(revision, answer.Revision);
    }

    [Fact]
    public async Task Documented_sample_fills_every_field_of_its_meeting()
    {
        // Its first analysis: the sample that follows it in the file analyses the same meeting again.
        var meeting = (await samples.Receiver.Database.MeetingAsync("ee48e21f-2576-49bc-9272-76960ae87a72"))!;
        Assert.Equal("Document submission", meeting.Title);
        Assert.Equal("The customer needs to upload supplementary documents.", meeting.Summary);
        Assert.Equal("A", meeting.CustomerSatisfactionRating);
        Assert.Equal("B", meeting.AgentPerformanceRating);
        Assert.Equal("The agent confirmed the customer's needs and gave clear instructions.", meeting.AgentPerformanceFeedback);
        Assert.Equal("Communication difficulties", meeting.RiskFactor);
        Assert.Equal(["customer", "test agent"], meeting.Speakers);
        Assert.Equal(2, meeting.Segments);
        JsonAssert.Equal("""[{"text": "Hi, I'm calling about my documents.", "speaker": "customer"}, {"text": "Of course, let me look that up.", "speaker": "test agent"}]""", await samples.Receiver.Database.TranscriptAsync(meeting.MeetingId));
        JsonAssert.Equal("{}", meeting.Items);
        JsonAssert.Equal("{}", meeting.Metadata);
        Assert.Equal([samples.Answers["payload-as-string.json"].DeliveryId], meeting.DeliveryIds);
        Assert.Equal(1, meeting.Revision);
    }

    [Fact]
    public async Task Reanalysed_sample_becomes_the_current_analysis_of_the_documented_one()
    {
        var meeting = (await samples.Receiver.Database.MeetingAsync("seax_bd4aeffdf09520dd077c7e541b9ae577"))!;
        Assert.Equal("Re-analysed: the customer was dissatisfied.", meeting.Summary);
        Assert.Equal("D", meeting.CustomerSatisfactionRating);
        Assert.Equal(2, meeting.Revision);
        Assert.Equal([samples.Answers["documented.json"].DeliveryId, samples.Answers["reanalysed.json"].DeliveryId], meeting.DeliveryIds);
        Assert.True(meeting.FirstReceivedAt < meeting.ReceivedAt);
    }

    [Fact]
    public async Task Captured_sample_takes_its_meeting_from_the_payload_and_has_no_values_for_what_it_lacks()
    {
        var meeting = (await samples.Receiver.Database.MeetingAsync("2394a2dd-bc25-44f9-a159-643815e55d64"))!;
        Assert.Equal("A", meeting.CustomerSatisfactionRating);
        Assert.Null(meeting.Title);
        Assert.Null(meeting.Summary);
        Assert.Null(meeting.RiskFactor);
        Assert.Equal(2, meeting.Segments);
    }

    [Fact]
    public async Task Sample_without_ratings_has_none()
    {
        var meeting = (await samples.Receiver.Database.MeetingAsync("seax_00000000000000000000000000000004"))!;
        Assert.Null(meeting.CustomerSatisfactionRating);
        Assert.Null(meeting.AgentPerformanceRating);
        Assert.Equal("Document submission", meeting.Title);
    }

    [Fact]
    public async Task Sample_with_items_and_metadata_of_its_own_keeps_them()
    {
        var meeting = (await samples.Receiver.Database.MeetingAsync("seax_00000000000000000000000000000005"))!;
        JsonAssert.Equal("""{"upsell_opportunity": "High", "compliance": {"greeting": true, "disclosure": false}, "nps": 9}""", meeting.Items);
        JsonAssert.Equal("""{"callback_metadata": {"env": "prod"}}""", meeting.Metadata);
    }

    [Theory]
    [InlineData("seax_00000000000000000000000000000006")]
    [InlineData("seax_00000000000000000000000000000007")]
    public async Task Mandarin_is_the_same_escaped_and_raw(string meetingId)
    {
        var meeting = (await samples.Receiver.Database.MeetingAsync(meetingId))!;
        Assert.Equal("文件補件", meeting.Title);
        Assert.Equal("客戶需要補上傳文件。", meeting.Summary);
    }

    [Fact]
    public async Task What_PostgreSQL_cannot_hold_is_shown_as_the_replacement_character()
    {
        var meeting = (await samples.Receiver.Database.MeetingAsync("seax_00000000000000000000000000000008"))!;
        Assert.Equal("before\uFFFDafter", meeting.Summary);
        Assert.Equal(["customer\uFFFD"], meeting.Speakers);
        var segment = (await samples.Receiver.Database.TranscriptAsync(meeting.MeetingId))[0];
        Assert.Equal("half an emoji \uFFFD here", segment.GetProperty("text").GetString());
        Assert.Equal("customer\uFFFD", segment.GetProperty("speaker").GetString());
    }

    [Fact]
    public async Task Two_hours_are_stored_to_the_last_segment()
    {
        Assert.Equal("stored", samples.Answers["two-hours.json"].Outcome);
        var sent = JsonElement.Parse(Sample.Of("two-hours.json").Bytes).GetProperty("payload").GetProperty("transcript");
        var meeting = (await samples.Receiver.Database.MeetingAsync(samples.Answers["two-hours.json"]["meeting_id"]!))!;
        Assert.Equal(sent.GetArrayLength(), meeting.Segments);
        Assert.True(JsonElement.DeepEquals(sent, await samples.Receiver.Database.TranscriptAsync(meeting.MeetingId)));
    }

    [Fact]
    public async Task Ledger_tells_which_key_signed()
    {
        var old = (await samples.Receiver.Database.DeliveryOfAsync(Sample.Of("old-key.json").Bytes))!;
        var current = (await samples.Receiver.Database.DeliveryOfAsync(Sample.Of("documented.json").Bytes))!;
        Assert.Equal(KeyId(Keys.DemoOld), old.KeyId);
        Assert.Equal(KeyId(Keys.Demo), current.KeyId);

        static string KeyId(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)))[..8];
    }

    [Fact]
    public async Task Sample_of_another_event_is_ignored_and_changes_no_meeting()
    {
        var answer = samples.Answers["other-event.json"];
        Assert.Equal(200, answer.Status);
        Assert.Equal("ignored", answer.Outcome);
        var row = (await samples.Receiver.Database.DeliveryOfAsync(Sample.Of("other-event.json").Bytes))!;
        Assert.Equal("meeting_deleted", row.EventName);
        Assert.Equal(2, (await samples.Receiver.Database.MeetingAsync("seax_bd4aeffdf09520dd077c7e541b9ae577"))!.DeliveryIds.Length);
    }

    [Fact]
    public async Task Sample_that_does_not_fit_is_quarantined_with_every_reason()
    {
        var answer = samples.Answers["bad-rating.json"];
        Assert.Equal(202, answer.Status);
        Assert.Equal("quarantined", answer.Outcome);
        Assert.Equal(["/payload/customer_satisfaction_rating", "/payload/transcript"], answer.ErrorPaths);
        var row = (await samples.Receiver.Database.DeliveryOfAsync(Sample.Of("bad-rating.json").Bytes))!;
        Assert.True(JsonElement.DeepEquals(answer.Json.GetProperty("errors"), row.Errors!.Value));
        Assert.Null(await samples.Receiver.Database.MeetingAsync("seax_00000000000000000000000000000011"));
    }
}

/// <summary>All samples, posted once and in order.</summary>
public sealed class PostedSamples(PostgresServer server) : IAsyncLifetime
{
    public HostedReceiver Receiver { get; } = new(server);

    internal Dictionary<string, Answer> Answers { get; } = [];

    public async ValueTask InitializeAsync()
    {
        await Receiver.InitializeAsync();
        foreach (var sample in Sample.All)
            Answers[sample.File] = await Receiver.Client.PostSignedAsync(sample.WorkspaceId, sample.Bytes, sample.Signature);
    }

    public ValueTask DisposeAsync() => Receiver.DisposeAsync();
}
