using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

[Trait("Category", "Storage")]
public sealed class RevisionTests(HostedReceiver receiver) : IClassFixture<HostedReceiver>
{
    [Fact]
    public async Task New_analysis_of_a_meeting_is_its_next_revision_and_the_current_one()
    {
        var callback = new CallbackBuilder();
        var answers = new List<Answer>();
        foreach (var title in new[] { "first", "second", "third" })
            answers.Add(await receiver.PostAsync(callback with { Title = title, Items = [new("of " + title, true)] }));

        Assert.All(answers, answer => Assert.Equal("stored", answer.Outcome));
        Assert.Equal([1, 2, 3], answers.Select(answer => answer.Revision));
        var meeting = (await receiver.Database.MeetingAsync((string)callback.MeetingId!))!;
        Assert.Equal("third", meeting.Title);
        JsonAssert.Equal("""{"of third": true}""", meeting.Items);
        Assert.Equal(3, meeting.Revision);
        Assert.Equal(answers.Select(answer => answer.DeliveryId), meeting.DeliveryIds);
    }

    [Fact]
    public async Task New_analysis_clears_what_it_does_not_have()
    {
        var callback = new CallbackBuilder { Items = [new("nps", 9)], Metadata = [new("env", "prod")] };
        await receiver.PostAsync(callback);
        await receiver.PostAsync(callback with
        {
            CustomerSatisfactionRating = null,
            Title = CallbackBuilder.Absent,
            Transcript = CallbackBuilder.Absent,
            Items = [],
            Metadata = [],
        });
        var meeting = (await receiver.Database.MeetingAsync((string)callback.MeetingId!))!;
        Assert.Null(meeting.CustomerSatisfactionRating);
        Assert.Null(meeting.Title);
        Assert.Equal("B", meeting.AgentPerformanceRating);
        JsonAssert.Equal("[]", await receiver.Database.TranscriptAsync(meeting.MeetingId));
        Assert.Equal(0, meeting.Segments);
        Assert.Empty(meeting.Speakers);
        JsonAssert.Equal("{}", meeting.Items);
        JsonAssert.Equal("{}", meeting.Metadata);
    }

    [Fact]
    public async Task A_transcript_is_stored_once_unless_an_older_version_is_to_read_it()
    {
        await using var careful = await ReceiverHost.StartAsync(
            receiver.Database.ConnectionString, new ReceiverSettings { Values = { ["Callbacks:TranscriptsWithMeetings"] = "true" } });
        await careful.Client.PostAsync(Workspaces.Demo, new CallbackBuilder("upgraded").Build(), Keys.Demo);
        await receiver.PostAsync(new CallbackBuilder("new"));
        Assert.NotNull((await receiver.Database.MeetingAsync("upgraded"))!.Transcript);
        Assert.Null((await receiver.Database.MeetingAsync("new"))!.Transcript);
        Assert.Equal(
            (await receiver.Database.TranscriptAsync("upgraded")).GetRawText(),
            (await receiver.Database.TranscriptAsync("new")).GetRawText());

        await receiver.PostAsync(new CallbackBuilder("upgraded") { Transcript = new object[] { CallbackBuilder.Segment("again", "agent") } });
        Assert.Null((await receiver.Database.MeetingAsync("upgraded"))!.Transcript);
        JsonAssert.Equal("""[{"text": "again", "speaker": "agent"}]""", await receiver.Database.TranscriptAsync("upgraded"));
    }

    [Fact]
    public async Task Replay_of_an_older_analysis_changes_nothing_but_its_count()
    {
        var older = new CallbackBuilder { Title = "older" };
        var newer = older with { Title = "newer" };
        var first = await receiver.PostAsync(older);
        await receiver.PostAsync(newer);
        var before = (await receiver.Database.MeetingAsync((string)older.MeetingId!))!;

        for (var replays = 1; replays <= 3; replays++)
        {
            var replay = await receiver.PostAsync(older);
            Assert.Equal("duplicate", replay.Outcome);
            Assert.Equal(first.DeliveryId, replay.DeliveryId);
            Assert.Equal(1, replay.Revision);
            Assert.Equal(replays, (await receiver.Database.DeliveryOfAsync(older.Build()))!.Duplicates);
        }

        var after = (await receiver.Database.MeetingAsync((string)older.MeetingId!))!;
        Assert.Equal("newer", after.Title);
        Assert.Equal(before.ReceivedAt, after.ReceivedAt);
        Assert.Equal(before.DeliveryIds, after.DeliveryIds);
        Assert.Equal(2, after.Revision);
    }

    [Fact]
    public async Task Body_that_differs_in_a_space_is_another_analysis()
    {
        var callback = new CallbackBuilder();
        await receiver.PostAsync(callback);
        byte[] spaced = [.. callback.Build(), (byte)' '];
        var answer = await receiver.Client.PostAsync(Workspaces.Demo, spaced, Keys.Demo);
        Assert.Equal("stored", answer.Outcome);
        Assert.Equal(2, answer.Revision);
    }

    [Fact]
    public async Task Same_meeting_id_in_two_workspaces_is_two_meetings()
    {
        var callback = CallbackBuilder.Captured() with { Title = "the same bytes" };
        var body = callback.Build();
        var inDemo = await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        var inOther = await receiver.Client.PostAsync(Workspaces.Other, body, Keys.Other);
        Assert.Equal("stored", inDemo.Outcome);
        Assert.Equal("stored", inOther.Outcome);
        Assert.NotEqual(inDemo.DeliveryId, inOther.DeliveryId);
        Assert.Equal([1, 1], [inDemo.Revision, inOther.Revision]);

        await receiver.Client.PostAsync(Workspaces.Other, (callback with { Title = "of the other alone" }).Build(), Keys.Other);
        Assert.Equal("the same bytes", (await receiver.Database.MeetingAsync((string)callback.PayloadMeetingId!))!.Title);
        Assert.Equal("of the other alone", (await receiver.Database.MeetingAsync((string)callback.PayloadMeetingId!, Workspaces.Other))!.Title);
    }

    [Fact]
    public async Task Many_analyses_of_one_meeting_at_once_are_revisions_without_a_gap()
    {
        var callback = new CallbackBuilder();
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => receiver.PostAsync(callback with { Title = $"analysis {i}" })));
        Assert.Equal(Enumerable.Range(1, 60), answers.Select(answer => answer.Revision).Order());
        var meeting = (await receiver.Database.MeetingAsync((string)callback.MeetingId!))!;
        Assert.Equal(answers.OrderBy(answer => answer.Revision).Select(answer => answer.DeliveryId), meeting.DeliveryIds);

        // The current one is the one received last, which its delivery's row tells.
        var newest = (await receiver.Database.DeliveriesAsync()).Where(row => row.MeetingId == meeting.MeetingId).MaxBy(row => row.ReceivedAt)!;
        Assert.Equal(newest.ReceivedAt, meeting.ReceivedAt);
        Assert.Equal(newest.DeliveryId, meeting.DeliveryIds[meeting.Revision - 1]);
        Assert.Contains($"\"{meeting.Title}\"", System.Text.Encoding.UTF8.GetString(newest.Body!), StringComparison.Ordinal);
        Assert.Equal(200, answers[0].Status);
    }
}
