using System.Net.Http.Headers;
using System.Text;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

[Trait("Category", "Storage")]
public sealed class StoringTests(HostedReceiver receiver) : IClassFixture<HostedReceiver>
{
    [Fact]
    public async Task One_url_for_all_takes_the_workspace_from_the_key()
    {
        var body = (CallbackBuilder.Captured() with { Title = "of the other workspace" }).Build();
        var answer = await receiver.Client.PostAsync(null, body, Keys.Other);
        Assert.Equal("stored", answer.Outcome);
        Assert.Equal(Workspaces.Other, answer["workspace_id"]);
        Assert.NotNull(await receiver.Database.DeliveryOfAsync(body, Workspaces.Other));
        Assert.Null(await receiver.Database.DeliveryOfAsync(body, Workspaces.Demo));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Content_type_is_not_looked_at(string? contentType)
    {
        var answer = await receiver.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo, request =>
            request.Content!.Headers.ContentType = contentType is null ? null : new MediaTypeHeaderValue(contentType));
        Assert.Equal("stored", answer.Outcome);
    }

    [Fact]
    public async Task Body_in_chunks_is_taken()
    {
        var body = (new CallbackBuilder() with { Summary = new string('長', 40_000) }).Build();
        var answer = await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo, request => request.Headers.TransferEncodingChunked = true);
        Assert.Equal("stored", answer.Outcome);
        Assert.Equal(body, (await receiver.Database.DeliveryOfAsync(body))!.Body);
    }

    [Fact]
    public async Task Signature_in_upper_case_hexadecimal_digits_is_the_same_signature()
    {
        var body = new CallbackBuilder().Build();
        var answer = await receiver.Client.PostSignedAsync(Workspaces.Demo, body, CallbackBuilder.Sign(body, Keys.Demo).ToUpperInvariant());
        Assert.Equal("stored", answer.Outcome);
    }

    [Fact]
    public async Task Meeting_id_of_the_envelope_counts_before_that_of_the_payload()
    {
        var answer = await receiver.PostAsync(new CallbackBuilder { MeetingId = "of-the-envelope", PayloadMeetingId = "of-the-payload" });
        Assert.Equal("of-the-envelope", answer["meeting_id"]);
        Assert.Null(await receiver.Database.MeetingAsync("of-the-payload"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unknown_members_are_kept_whatever_their_names(bool payloadAsString)
    {
        KeyValuePair<string, object?>[] unknown =
            [new("emoji 😀", "😀"), new("quote \" \\ /", 1), new("line\nbreak", null), new("", new object[] { true, new RawJson("1.50"), "客戶" }), new("客戶", new RawJson("{\"a\": {}}"))];
        var id = CallbackBuilder.NewMeetingId();
        await receiver.PostAsync(new CallbackBuilder(id) with { Items = unknown, Metadata = unknown, PayloadAsString = payloadAsString });
        var meeting = (await receiver.Database.MeetingAsync(id))!;
        var expected = PythonJson.Dumps(unknown);
        JsonAssert.Equal(expected, meeting.Items);
        JsonAssert.Equal(expected, meeting.Metadata);
        Assert.Contains("1.50", meeting.Items.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Meeting_whose_id_has_200_characters_is_stored()
    {
        var id = string.Concat(Enumerable.Repeat("😀", 200));
        Assert.Equal("stored", (await receiver.PostAsync(new CallbackBuilder(id))).Outcome);
        Assert.NotNull(await receiver.Database.MeetingAsync(id));
    }

    [Fact]
    public async Task Numbers_are_kept_as_they_are_written()
    {
        var id = CallbackBuilder.NewMeetingId();
        string[] numbers = ["-0", "1E+2", "1e400", "123456789012345678901234567890", "0.1000", new string('9', 4300), "1e4301", "-1E-99999999999999999999", new string('7', 5000)];
        await receiver.PostAsync(new CallbackBuilder(id) with { Items = numbers.Select((number, i) => new KeyValuePair<string, object?>($"n{i}", new RawJson(number))) });
        var meeting = (await receiver.Database.MeetingAsync(id))!;
        Assert.Equal(numbers, meeting.Items.EnumerateObject().Select(member => member.Value.GetRawText()));
    }

    [Fact]
    public async Task Large_body_is_kept_to_the_byte()
    {
        var body = (new CallbackBuilder() with { Summary = new string('長', 1_000_000) }).Build();
        Assert.True(body.Length > 6_000_000);
        var answer = await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        Assert.Equal("stored", answer.Outcome);
        Assert.Equal(body, (await receiver.Database.DeliveryOfAsync(body))!.Body);
    }

    [Fact]
    public async Task Body_that_is_not_JSON_is_quarantined_and_kept_to_the_byte()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes(new CallbackBuilder().BuildText()), 0xFF, 0x00];
        var answer = await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        Assert.Equal(202, answer.Status);
        Assert.Equal("quarantined", answer.Outcome);
        var row = (await receiver.Database.DeliveryOfAsync(body))!;
        Assert.Equal(body, row.Body);
        Assert.Equal(answer.DeliveryId, row.DeliveryId);
        var again = await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        Assert.Equal("duplicate", again.Outcome);
        Assert.Equal(answer.DeliveryId, again.DeliveryId);
    }
}
