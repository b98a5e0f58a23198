using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>The time of receiving where the machine's clock jumps, with and without PostgreSQL's clock to judge by.</summary>
public sealed class ReceiveClockTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly JumpingTime time = new(Start);
    private readonly ReceiveClock clock;

    public ReceiveClockTests() => clock = new ReceiveClock(time);

    public static TheoryData<TimeSpan> Jumps => [TimeSpan.FromHours(1), TimeSpan.FromHours(-1), TimeSpan.FromDays(3650), TimeSpan.FromDays(-3650), TimeSpan.FromSeconds(5)];

    [Fact]
    public void It_follows_the_machines_clock_and_its_small_corrections()
    {
        time.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(Start.AddSeconds(10), clock.Next());
        for (var i = 0; i < 100; i++)
        {
            time.Jump(TimeSpan.FromMilliseconds(100)); // a clock that goes too fast is set right bit by bit
            time.Pass(TimeSpan.FromSeconds(1));
            Assert.Equal(time.GetUtcNow(), clock.Next());
        }
    }

    [Fact]
    public void Each_time_is_later_than_the_one_before_whatever_the_clock_does()
    {
        var random = new Random(7);
        var last = clock.Next();
        for (var i = 0; i < 10_000; i++)
        {
            if (i % 3 == 0)
                time.Jump(TimeSpan.FromSeconds(random.NextDouble() * 7200 - 3600));
            time.Pass(TimeSpan.FromMilliseconds(random.Next(2)));
            var next = clock.Next();
            Assert.True(next > last, $"{next:o} after {last:o}");
            last = next;
        }
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_jump_is_not_followed_where_PostgreSQL_knows_better(TimeSpan jump)
    {
        clock.Believe(Start, time.GetTimestamp());
        time.Jump(jump);
        time.Pass(TimeSpan.FromSeconds(30));

        Assert.True(clock.IsDoubtful);
        Assert.Equal(Start.AddSeconds(30), clock.Next());
        clock.Believe(Start.AddSeconds(30), time.GetTimestamp());
        Assert.False(clock.IsDoubtful);
        Assert.Equal(jump, clock.Ahead);
        time.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(Start.AddSeconds(60), clock.Next());
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_jump_that_PostgreSQL_confirms_is_followed(TimeSpan jump)
    {
        clock.Believe(Start, time.GetTimestamp());
        time.Jump(jump);

        clock.Believe(Start + jump, time.GetTimestamp());

        Assert.Equal(Start + jump, clock.Next());
    }

    [Fact]
    public void What_PostgreSQL_showed_is_of_the_moment_at_which_it_answered_however_late_it_is_told()
    {
        var answered = time.GetTimestamp();
        time.Pass(TimeSpan.FromSeconds(50)); // a machine that has much else to do, or was frozen

        Assert.Equal(TimeSpan.Zero, clock.Believe(Start, answered));

        Assert.Equal(TimeSpan.Zero, clock.Ahead);
        Assert.Equal(Start.AddSeconds(50), clock.Next());
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void While_PostgreSQL_cannot_be_asked_a_jump_is_followed_once_it_lasts(TimeSpan jump)
    {
        time.Jump(jump);
        time.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(Start.AddSeconds(1), clock.Now);
        time.Jump(-jump);
        time.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(Start.AddSeconds(601), clock.Now);

        time.Jump(jump);
        Assert.Equal(Start.AddSeconds(601), clock.Now);
        time.Pass(TimeSpan.FromMinutes(6));

        Assert.Equal(time.GetUtcNow(), clock.Now);
    }

    [Fact]
    public void What_was_wrong_from_the_start_is_set_right_as_soon_as_PostgreSQL_answers_and_never_after_it()
    {
        time.Jump(TimeSpan.FromHours(1));
        var ahead = new ReceiveClock(time);
        Assert.Equal(Start.AddHours(1), ahead.Next());

        ahead.Believe(Start, time.GetTimestamp());

        var next = ahead.Next();
        Assert.InRange(next, Start, Start + ReceiveClock.Tolerance);
        Assert.True(ahead.Next() > next);
    }

    [Fact]
    public void What_was_received_by_a_wrong_clock_is_corrected_when_it_is_stored()
    {
        clock.Believe(Start, time.GetTimestamp());
        var (past, now, soon, future) = (At(Start.AddDays(-1)), At(Start), At(Start.AddSeconds(1)), At(Start.AddSeconds(5)));
        var (old, late) = (At(Start.AddDays(-1), isLate: true), At(Start.AddDays(1), isLate: true));

        var corrected = clock.Correct([past, now, soon, future, old, late]);

        Assert.Equal([now, soon, old], corrected.Where((_, i) => i is 1 or 2 or 4)); // themselves
        Assert.All([corrected[0], corrected[3], corrected[5]], delivery => Assert.InRange(delivery.ReceivedAt, Start, Start + ReceiveClock.Tolerance));
        Assert.True(corrected[0].ReceivedAt < corrected[3].ReceivedAt && corrected[3].ReceivedAt < corrected[5].ReceivedAt);
        Assert.All([corrected[0], corrected[3]], delivery => Assert.Equal(delivery.ReceivedAt.ToUnixTimeMilliseconds(), TimeOrderedId.TimeOf(delivery.Id).ToUnixTimeMilliseconds()));
        Assert.Equal((late.Id, true), (corrected[5].Id, corrected[5].IsLate));
        Assert.Equal(corrected, clock.Correct([past, now, soon, future, old, late])); // as when a batch is written once more
        Assert.Same(corrected, clock.Correct(corrected));
    }

    [Fact]
    public void A_delivery_that_was_answered_stays_what_its_sender_was_told()
    {
        clock.Believe(Start, time.GetTimestamp());
        var (told, correctedFirst) = (At(Start), At(Start));
        Assert.Same(told, told.Settled);
        time.Pass(TimeSpan.FromMinutes(2)); // while a write of it goes on that was given up

        Assert.Same(told, clock.Correct([told])[0]);
        Assert.Same(clock.Correct([correctedFirst])[0], correctedFirst.Settled);
        Assert.NotEqual(correctedFirst.Id, correctedFirst.Settled.Id);
    }

    private static Delivery At(DateTimeOffset receivedAt, bool isLate = false)
    {
        var body = VerifiedBody.Restore(Workspaces.Demo, "key", new CallbackBuilder().Build());
        return isLate ? new Delivery(Guid.CreateVersion7(receivedAt), body, CallbackParser.Parse(body), receivedAt) : new Delivery(body, CallbackParser.Parse(body), receivedAt);
    }
}
