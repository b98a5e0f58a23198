using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>A machine whose clock is wrong, or jumps: the analysis that came last is the current one, and nothing is received in the future.</summary>
public sealed class ClockJumpTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    public static TheoryData<TimeSpan> Jumps => [TimeSpan.FromHours(1), TimeSpan.FromHours(-1), TimeSpan.FromDays(3650), TimeSpan.FromDays(-3650)];

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task After_a_glitch_of_the_clock_later_analyses_are_current(TimeSpan jump)
    {
        var time = new SettableClock();
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings { Time = time });
        var callback = new CallbackBuilder();
        await AssertCurrentAsync(host, callback with { Title = "before" });

        time.Set(jump);
        await AssertCurrentAsync(host, callback with { Title = "during" });
        await AssertCurrentAsync(host, callback with { Title = "still" });
        time.Set(TimeSpan.Zero);

        await AssertCurrentAsync(host, callback with { Title = "after" });
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task A_replica_whose_clock_is_wrong_from_its_start_hides_no_other_replicas_analyses(TimeSpan ahead)
    {
        var time = new SettableClock();
        time.Set(ahead);
        await using var wrong = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings { Time = time });
        await using var right = await ReceiverHost.StartAsync(database.ConnectionString);
        var callback = new CallbackBuilder();

        // Replicas agree on the time to within a bound.
        foreach (var (host, title) in new[] { (wrong, "first"), (right, "second"), (wrong, "third"), (right, "fourth") })
        {
            await AssertCurrentAsync(host, callback with { Title = title });
            await Task.Delay(ReceiveClock.Tolerance, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task What_an_earlier_version_received_in_the_future_is_brought_back_at_the_start()
    {
        var callback = new CallbackBuilder();
        await using (var earlier = await ReceiverHost.StartAsync(database.ConnectionString))
        {
            await AssertCurrentAsync(earlier, callback with { Title = "in the future" });
            await database.ExecuteAsync($"UPDATE meetings SET received_at = received_at + interval '1 year', first_received_at = received_at + interval '1 year' WHERE meeting_id = '{callback.MeetingId}'");
        }

        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        await Eventually.HoldsAsync(async () => (await database.MeetingAsync((string)callback.MeetingId!))!.ReceivedAt <= DateTime.UtcNow + Bound, "the meeting is of the present");

        await AssertCurrentAsync(host, callback with { Title = "now" });
        var found = await host.Client.SendAsync(HttpMethod.Get, $"/api/v1/workspaces/demo/meetings/{callback.MeetingId}");
        Assert.Equal("now", found["title"]);
    }

    private async Task AssertCurrentAsync(ReceiverHost host, CallbackBuilder callback)
    {
        var body = callback.Build();
        var answer = await host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        Assert.Equal("stored", answer.Outcome);
        var meeting = (await database.MeetingAsync((string)callback.MeetingId!))!;
        Assert.Equal(callback.Title, meeting.Title);
        Assert.InRange(meeting.ReceivedAt, DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow + Bound);
        Assert.Equal(meeting.ReceivedAt, (await database.DeliveryOfAsync(body))!.ReceivedAt);
    }
}
