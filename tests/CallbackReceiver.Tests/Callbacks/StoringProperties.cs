using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using CsCheck;

namespace CallbackReceiver.Tests.Callbacks;

[Trait("Category", "Storage")]
public sealed class StoringProperties(HostedReceiver receiver) : IClassFixture<HostedReceiver>
{
    [Fact]
    public async Task Any_signed_bytes_are_kept_exactly() => await RandomBodies.Bytes.Array[40].SampleAsync(async bodies =>
    {
        var answers = await Task.WhenAll(bodies.Select(body => receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo)));
        foreach (var (body, answer) in bodies.Zip(answers))
        {
            Assert.True(answer.Status is 200 or 202, answer.ToString());
            var row = (await receiver.Database.DeliveryOfAsync(body))!;
            Assert.Equal(answer.DeliveryId, row.DeliveryId);
            Assert.Equal(body, row.Body);
        }
    }, iter: 15, threads: 1);

    [Fact]
    public async Task Any_string_survives_or_shows_what_PostgreSQL_cannot_hold() => await Gen.Select(RandomBodies.Strings.Array[9], Gen.Bool, Gen.Bool).Array[20].SampleAsync(async cases =>
    {
        var sent = cases.Select(strings => (Id: CallbackBuilder.NewMeetingId(), Strings: strings.Item1, PayloadAsString: strings.Item2, EnsureAscii: strings.Item3)).ToArray();
        var answers = await Task.WhenAll(sent.Select(callback => receiver.PostAsync(new CallbackBuilder(callback.Id) with
        {
            Title = callback.Strings[0],
            Summary = callback.Strings[1],
            AgentPerformanceFeedback = callback.Strings[2],
            RiskFactor = callback.Strings[3],
            Transcript = new object[] { CallbackBuilder.Segment(callback.Strings[4], callback.Strings[5]) },
            Items = [new("item " + callback.Strings[6], callback.Strings[7]), new("nested", new object[] { callback.Strings[8] })],
            Metadata = [new("metadata " + callback.Strings[6], callback.Strings[8])],
            PayloadAsString = callback.PayloadAsString,
            EnsureAscii = callback.EnsureAscii,
        })));
        Assert.All(answers, answer => Assert.Equal("stored", answer.Outcome));
        foreach (var callback in sent)
        {
            var shown = callback.Strings.Select(ReplacementModel.Shown).ToArray();
            var meeting = (await receiver.Database.MeetingAsync(callback.Id))!;
            Assert.Equal((shown[0], shown[1], shown[2], shown[3]), (meeting.Title, meeting.Summary, meeting.AgentPerformanceFeedback, meeting.RiskFactor));
            var segment = (await receiver.Database.TranscriptAsync(callback.Id))[0];
            Assert.Equal(shown[4], segment.GetProperty("text").GetString());
            Assert.Equal(shown[5], segment.GetProperty("speaker").GetString());
            Assert.Equal([shown[5]], meeting.Speakers);
            Assert.Equal(shown[7], meeting.Items.GetProperty("item " + shown[6]).GetString());
            Assert.Equal(shown[8], meeting.Items.GetProperty("nested")[0].GetString());
            Assert.Equal(shown[8], meeting.Metadata.GetProperty("metadata " + shown[6]).GetString());
        }
    }, iter: 15, threads: 1);

    [Fact]
    public async Task What_the_parser_takes_PostgreSQL_takes()
    {
        // The transcript as well, which it is else given only when the body is too old.
        await using var host = await ReceiverHost.StartAsync(
            receiver.Database.ConnectionString, new ReceiverSettings { Values = { ["Callbacks:TranscriptsWithMeetings"] = "true" } });
        await Gen.OneOf(RandomBodies.Callbacks, RandomBodies.Mutations).Array[60].SampleAsync(bodies => PostAsync(host, bodies), iter: 30, threads: 1);
    }

    private static async Task PostAsync(ReceiverHost host, byte[][] bodies)
    {
        var answers = await Task.WhenAll(bodies.Select(body => host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo)));
        foreach (var (body, answer) in bodies.Zip(answers))
        {
            var expected = CallbackParserTests.Parse(body) switch
            {
                ParsedCallback.Analysed => "stored",
                ParsedCallback.OtherEvent => "ignored",
                ParsedCallback.Unfit => "quarantined",
                _ => null,
            };
            Assert.True(answer.Outcome == expected || answer.Outcome == "duplicate", answer.ToString());
            Assert.DoesNotContain("SQLSTATE", answer.ToString(), StringComparison.Ordinal);
        }
    }
}
