using System.Text;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Deliveries;

/// <summary>A body that is no analysis goes with the meeting that it names, wherever that stands in it.</summary>
[Trait("Category", "Storage")]
public sealed class UnfitErasureTests(Receiver receiver) : IClassFixture<Receiver>
{
    private static readonly Encoding Utf16 = new UnicodeEncoding(bigEndian: false, byteOrderMark: true);

    private ReceiverProcess Service => receiver.Service;

    /// <summary>A body for the meeting <c>ID</c>.</summary>
    public static TheoryData<string, byte[]> Bodies => new()
    {
        { "behind what is no JSON", Utf8("""{"event_name": "dashboard_analysis_finished", "payload": {"title": tru, "summary": "secret"}, "meeting_id": "ID"}""") },
        { "in the payload behind what is no JSON", Utf8("""{"event_name": "dashboard_analysis_finished", "payload": {"summary": 01, "meeting_id": "ID"}}""") },
        { "cut off", Utf8("""{"payload": {"meeting_id": "ID", "summary": "secr""") },
        { "cut off within a payload that is a string", Utf8("""{"event_name": "dashboard_analysis_finished", "payload": "{\"title\": \"secret\", \"meeting_id\": \"ID\", \"tra""") },
        { "in a payload that is a string of no JSON", Utf8("""{"event_name": "dashboard_analysis_finished", "payload": "{\"title\": secret, \"meeting_id\": \"ID\"}"}""") },
        { "in a string within a string", Utf8("""{"event_name": 1, "payload": "\"{\\\"meeting_id\\\": \\\"ID\\\"}\""}""") },
        { "with an escaped name", Utf8("""{"event_name": 1, "meeting\u005fid": "ID"}""") },
        { "in an array", Utf8("""[{"meeting_id": "ID"}]""") },
        { "two callbacks in one", Utf8("""{"event_name": "another"} {"meeting_id": "ID"}""") },
        { "too deep", Utf8("""{"event_name": "dashboard_analysis_finished", "payload": {"x":""" + new string('[', 80) + new string(']', 80) + """, "meeting_id": "ID"}}""") },
        { "as Python shows it", Utf8("""{'event_name': 'dashboard_analysis_finished', 'meeting_id': 'ID', 'payload': {}}""") },
        { "in another spelling", Utf8("""{"event_name": "dashboard_analysis_finished", "payload": {"meetingId": "ID"}}""") },
        { "behind a byte order mark", [.. Encoding.UTF8.Preamble, .. Utf8("""{"meeting_id": "ID"}""")] },
        { "in UTF-16", [.. Utf16.Preamble, .. Utf16.GetBytes("""{"meeting_id": "ID"}""")] },
        { "beside bytes that are not UTF-8", [.. Utf8("""{"title": "secr"""), 0xE9, .. Utf8("""t", "meeting_id": "ID"}""")] },
        { "in another event", Utf8("""{"event_name": "meeting_finished", "data": {"meeting_id": "ID", "summary": "secret"}}""") },
        { "in another event whose payload is no JSON", Utf8("""{"event_name": "meeting_finished", "payload": "{\"meeting_id\": \"ID\", secret"}""") },
        { "beside another meeting", Utf8("""{"event_name": "dashboard_analysis_finished", "meeting_id": "another", "payload": {"meeting_id": "ID", "summary": 5}}""") },
        { "beside another meeting in another event", Utf8("""{"event_name": "meetings_merged", "meeting_id": "another", "data": {"of": {"meeting_id": "ID"}}}""") },
        { "whose id is a number", Utf8("""{"event_name": "dashboard_analysis_finished", "payload": {"meeting_id": 4711ID}}""") },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task It_goes_with_the_meeting_that_it_names(string where, byte[] body)
    {
        Assert.NotEmpty(where);
        var (meeting, delivery) = await PostAsync(body);
        var (_, other) = await PostAsync(Utf8("""{"meeting_id": "ID", "secret": tru}"""));

        Assert.Equal(204, (await DeleteAsync(meeting)).Status);

        await AssertErasedAsync(delivery);
        Assert.Equal("quarantined", await OutcomeAsync(other));
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task It_goes_also_where_the_ledger_does_not_know_that_it_names_one(string where, byte[] body)
    {
        Assert.NotEmpty(where);
        var (meeting, delivery) = await PostAsync(body);
        await receiver.QueryAsync("UPDATE deliveries SET meeting_id = NULL, errors = '[]' WHERE delivery_id = $1", delivery); // as an earlier version had stored it

        Assert.Equal(204, (await DeleteAsync(meeting)).Status);

        await AssertErasedAsync(delivery);
    }

    [Fact]
    public async Task A_meeting_that_only_such_a_body_names_is_in_the_audit_and_another_that_it_names_is_not()
    {
        var (meeting, delivery) = await PostAsync(Utf8("""{"meeting_id": "the-other", "payload": {"meeting_id": "ID"}"""));

        Assert.Equal(204, (await DeleteAsync(meeting)).Status);

        await AssertErasedAsync(delivery);
        Assert.Equal([meeting], (await receiver.QueryAsync("SELECT subject FROM audit WHERE action = 'erase' AND subject IN ($1, 'the-other')", meeting)).Select(row => (string)row[0]!));
        Assert.Equal(404, (await DeleteAsync("the-other-that-nobody-names")).Status);
    }

    [Theory]
    [InlineData("""{"meeting_id": "one", "payload": "{\"meeting_id\": \"two\"}", "x": {"meeting_id": "three"}}""", "one two three")]
    [InlineData("""{"meeting_id": "q\"uo\\te"}""", "q\"uo\\te")]
    [InlineData("""{"meeting_id": "\u4f1a\u8bae"}""", "会议")]
    [InlineData("""{"meeting_id": null, "meeting_identity": "no", "meeting_ids": ["no"], "meeting": "no"}""", "")]
    [InlineData("""{"title": "they said meeting_id is no"}""", "")]
    [InlineData("meeting_id", "")]
    [InlineData("\"meeting_id\":", "")]
    [InlineData("\"meeting_id\": \"", "")]
    public void All_names_are_found_and_nothing_else(string body, string expected)
    {
        var (first, others) = MeetingNames.In(Encoding.UTF8.GetBytes(body), known: null);

        Assert.Equal(expected, string.Join(' ', new[] { first }.Concat(others ?? []).OfType<string>()));
        Assert.All(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), name => Assert.True(MeetingNames.Name(Encoding.UTF8.GetBytes(body), name)));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Sends the body for a meeting of its own.</summary>
    private async Task<(string Meeting, Guid Delivery)> PostAsync(byte[] body)
    {
        var id = $"{Random.Shared.NextInt64(1_000_000_000, 9_999_999_999)}";
        var text = Encoding.Latin1.GetString(body);
        var isNumber = text.Contains("4711ID", StringComparison.Ordinal);
        var sent = Encoding.Latin1.GetBytes(text.Replace("I\0D\0", string.Concat(id.Select(digit => $"{digit}\0")), StringComparison.Ordinal).Replace("ID", id, StringComparison.Ordinal));
        var answer = await Service.PostAsync("demo", sent);
        Assert.True(answer.Outcome is "quarantined" or "ignored", answer.ToString());
        return ((isNumber ? "4711" : "") + id, answer.DeliveryId);
    }

    private Task<Answer> DeleteAsync(string meeting) => Service.DeleteAsync($"/api/v1/workspaces/demo/meetings/{meeting}");

    private async Task AssertErasedAsync(Guid delivery)
    {
        Assert.Equal("erased", await OutcomeAsync(delivery));
        Assert.Equal(404, (await Service.GetAsync($"/api/v1/workspaces/demo/deliveries/{delivery}/body")).Status);
        Assert.Equal(0, await receiver.ScalarAsync<long>("SELECT count(*) FROM deliveries WHERE delivery_id = $1 AND (body IS NOT NULL OR errors IS NOT NULL)", delivery));
    }

    private async Task<string> OutcomeAsync(Guid delivery) => (await Service.GetAsync($"/api/v1/workspaces/demo/deliveries/{delivery}"))["outcome"]!;
}
