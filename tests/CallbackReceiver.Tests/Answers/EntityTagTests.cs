using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Answers;

/// <summary>A reader who has what there is gets 304 and no body.</summary>
public sealed class EntityTagTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Meetings = "/api/v1/workspaces/demo/meetings/";

    public static TheoryData<string> Tagged => ["", "/transcript", "/revisions", "/revisions/1"];

    private ReceiverProcess Service => receiver.Service;

    [Theory]
    [MemberData(nameof(Tagged))]
    public async Task What_the_reader_has_answers_304_without_a_body(string route)
    {
        await Service.PostAsync("demo", new CallbackBuilder("known").Build());
        var first = await Service.GetAsync(Meetings + "known" + route);
        var tag = first.Headers["ETag"];

        var same = await GetIfNoneMatchAsync("known" + route, tag);
        var oneOfMany = await GetIfNoneMatchAsync("known" + route, $"\"other\", {tag}");
        var strong = await GetIfNoneMatchAsync("known" + route, tag[2..]);
        var any = await GetIfNoneMatchAsync("known" + route, "*");
        var other = await GetIfNoneMatchAsync("known" + route, "W/\"other\"");
        var malformed = await GetIfNoneMatchAsync("known" + route, "no tag at all");

        Assert.All([same, oneOfMany, strong, any], answer =>
        {
            Assert.Equal((304, "", tag), (answer.Status, answer.Body, answer.Headers["ETag"]));
            Assert.Equal((first.Headers["Cache-Control"], first.Headers["Vary"]), (answer.Headers["Cache-Control"], answer.Headers["Vary"]));
        });
        Assert.All([other, malformed], answer => Assert.Equal((200, first.Body, tag), (answer.Status, answer.Body, answer.Headers["ETag"])));
    }

    [Fact]
    public async Task A_new_analysis_has_another_tag_and_an_old_one_keeps_its_own()
    {
        await Service.PostAsync("demo", new CallbackBuilder("again").Payload("summary", "one").Build());
        var meeting = await Service.GetAsync(Meetings + "again");
        var revision = await Service.GetAsync(Meetings + "again/revisions/1");

        await Service.PostAsync("demo", new CallbackBuilder("again").Payload("summary", "two").Build());
        var changed = await GetIfNoneMatchAsync("again", meeting.Headers["ETag"]);

        Assert.Equal((200, "two"), (changed.Status, changed["summary"]));
        Assert.NotEqual(meeting.Headers["ETag"], changed.Headers["ETag"]);
        Assert.Equal(304, (await GetIfNoneMatchAsync("again/revisions/1", revision.Headers["ETag"])).Status);
        Assert.Equal(200, (await GetIfNoneMatchAsync("again/revisions/2", revision.Headers["ETag"])).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/revisions")]
    [InlineData("/revisions/1")]
    public async Task An_older_analysis_that_is_stored_late_changes_the_tag_of_what_it_changes(string route)
    {
        var meeting = "late" + Uri.EscapeDataString(route);
        var old = await Service.PostAsync("demo", new CallbackBuilder("late" + route) { Title = "old" }.Build());
        await Service.PostAsync("demo", new CallbackBuilder("late" + route) { Title = "new" }.Build());
        await receiver.QueryAsync("UPDATE deliveries SET outcome = 'quarantined', errors = '[]' WHERE delivery_id = $1", old.DeliveryId);
        await receiver.QueryAsync("UPDATE meetings SET delivery_ids = array_remove(delivery_ids, $1), revision = 1, first_received_at = received_at WHERE $1 = ANY (delivery_ids)", old.DeliveryId);
        var before = await Service.GetAsync(Meetings + meeting + route);

        Assert.Equal("stored", (await Service.SendAsync(HttpMethod.Post, $"/api/v1/workspaces/demo/deliveries/{old.DeliveryId}/replay")).Outcome);
        var after = await GetIfNoneMatchAsync(meeting + route, before.Headers["ETag"]);

        Assert.Equal(200, after.Status);
        Assert.NotEqual(before.Body, after.Body);
        Assert.NotEqual(before.Headers["ETag"], after.Headers["ETag"]);
        Assert.Equal(304, (await GetIfNoneMatchAsync(meeting + route, after.Headers["ETag"])).Status);
    }

    [Fact]
    public async Task The_list_of_revisions_has_another_tag_once_one_can_no_longer_be_read()
    {
        var first = await Service.PostAsync("demo", new CallbackBuilder("listed") { Title = "one" }.Build());
        await Service.PostAsync("demo", new CallbackBuilder("listed") { Title = "two" }.Build());
        var before = await Service.GetAsync(Meetings + "listed/revisions");
        await receiver.QueryAsync("UPDATE deliveries SET body = NULL WHERE delivery_id = $1", first.DeliveryId);

        var after = await GetIfNoneMatchAsync("listed/revisions", before.Headers["ETag"]);

        Assert.Equal(200, after.Status);
        Assert.False(after.Json.GetProperty("items")[0].GetProperty("available").GetBoolean());
    }

    [Fact]
    public async Task A_duplicate_changes_no_tag()
    {
        var body = new CallbackBuilder("twice").Build();
        await Service.PostAsync("demo", body);
        var tag = (await Service.GetAsync(Meetings + "twice")).Headers["ETag"];

        await Service.PostAsync("demo", body);

        Assert.Equal(304, (await GetIfNoneMatchAsync("twice", tag)).Status);
    }

    [Fact]
    public async Task The_two_forms_of_a_transcript_have_tags_of_their_own()
    {
        await Service.PostAsync("demo", new CallbackBuilder("forms").Build());
        var json = await Service.GetAsync(Meetings + "forms/transcript");

        var text = await Service.RequestAsync(HttpMethod.Get, Meetings + "forms/transcript", Keys.ApiAll, ("Accept", "text/plain"), ("If-None-Match", json.Headers["ETag"]));

        Assert.Equal((200, "text/plain"), (text.Status, text.ContentType));
        Assert.NotEqual(json.Headers["ETag"], text.Headers["ETag"]);
    }

    [Theory]
    [MemberData(nameof(Tagged))]
    public async Task An_erased_meeting_is_gone_also_for_whoever_has_it(string route)
    {
        await Service.PostAsync("demo", new CallbackBuilder("erased" + route).Build());
        var path = "erased" + Uri.EscapeDataString(route) + route;
        var tag = (await Service.GetAsync(Meetings + path)).Headers["ETag"];

        await Service.RequestAsync(HttpMethod.Delete, Meetings + "erased" + Uri.EscapeDataString(route), Keys.ApiAll);

        var answer = await GetIfNoneMatchAsync(path, tag);
        Assert.Equal(404, answer.Status);
        Assert.False(answer.Headers.ContainsKey("ETag"));
        Assert.Equal(404, (await GetIfNoneMatchAsync(path, "*")).Status);
    }

    [Fact]
    public async Task A_revision_whose_body_is_gone_is_no_longer_there_for_whoever_has_it()
    {
        var id = (await Service.PostAsync("demo", new CallbackBuilder("bodiless").Build())).DeliveryId;
        var tag = (await Service.GetAsync(Meetings + "bodiless/revisions/1")).Headers["ETag"];
        await receiver.QueryAsync("UPDATE deliveries SET body = NULL WHERE delivery_id = $1", id);

        // The current one is the meeting's own; an earlier one is read from its body.
        Assert.Equal(304, (await GetIfNoneMatchAsync("bodiless/revisions/1", tag)).Status);
        await Service.PostAsync("demo", new CallbackBuilder("bodiless") { Title = "Again" }.Build());
        Assert.Equal(404, (await GetIfNoneMatchAsync("bodiless/revisions/1", tag)).Status);
    }

    [Fact]
    public async Task A_tag_lets_nobody_into_another_workspace()
    {
        await Service.PostAsync("other", new CallbackBuilder("secret").Envelope("workspace_id", "other").Build(), Keys.Other);
        const string Secret = "/api/v1/workspaces/other/meetings/secret";
        var tag = (await Service.GetAsync(Secret)).Headers["ETag"];

        Assert.Equal(404, (await Service.RequestAsync(HttpMethod.Get, Secret, Keys.ApiDemo, ("If-None-Match", tag))).Status);
        Assert.Equal(401, (await Service.RequestAsync(HttpMethod.Get, Secret, null, ("If-None-Match", tag))).Status);
    }

    private Task<Answer> GetIfNoneMatchAsync(string path, string tags) => Service.RequestAsync(HttpMethod.Get, Meetings + path, Keys.ApiAll, ("If-None-Match", tags));
}
