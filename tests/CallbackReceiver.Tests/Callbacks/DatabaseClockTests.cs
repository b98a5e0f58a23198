using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>What is believed of PostgreSQL's clock where its answers take long, on a machine whose own clock is wrong by an hour.</summary>
public sealed class DatabaseClockTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Wrong = TimeSpan.FromHours(1);

    private readonly JumpingTime time = new(Start);
    private readonly ReceiveClock clock;

    public DatabaseClockTests()
    {
        time.Jump(Wrong);
        clock = new ReceiveClock(time);
    }

    [Theory]
    [InlineData(3000, 1000, 10)]
    [InlineData(3000, 10, 2000)]
    [InlineData(10, 3000, 3000)]
    [InlineData(5000, 10, 10)]
    public async Task The_quickest_answer_is_believed(params int[] milliseconds)
    {
        await AskAsync(milliseconds);

        Assert.False(clock.IsDoubtful);
        Assert.InRange((clock.Now - RightTime).Duration(), TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
    }

    [Fact]
    public async Task No_answer_is_believed_that_took_longer_than_the_clock_may_be_wrong()
    {
        await AskAsync(5000, 6000, 7000);

        Assert.True(clock.IsDoubtful);
    }

    private DateTimeOffset RightTime => time.GetUtcNow() - Wrong;

    /// <summary>Asks PostgreSQL, which reads its clock at once and answers after the time.</summary>
    private async Task AskAsync(params int[] milliseconds)
    {
        var answers = new Queue<int>(milliseconds);
        var database = new DatabaseClock(
            dataSource: null!,
            _ =>
            {
                var shown = RightTime;
                time.Pass(TimeSpan.FromMilliseconds(answers.Dequeue()));
                return Task.FromResult(shown);
            },
            clock, migration: null!, signingKeys: null!, time, NullLogger<DatabaseClock>.Instance);
        await database.CheckAsync(TestContext.Current.CancellationToken);
    }
}
