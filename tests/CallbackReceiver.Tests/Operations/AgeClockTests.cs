using CallbackReceiver.Operations.Retention;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Operations;

/// <summary>A clock that is wrong removes nothing, whichever it is.</summary>
public sealed class AgeClockTests
{
    private readonly MovableTime time = new();

    [Fact]
    public async Task Time_that_passes_is_trusted_and_the_earlier_clock_counts()
    {
        var clock = new AgeClock(time, _ => Task.FromResult(time.RightTime - TimeSpan.FromSeconds(30)));
        foreach (var days in new[] { 0, 1, 400 })
        {
            time.Advance(TimeSpan.FromDays(days));
            Assert.InRange(await ReadAsync(clock), time.RightTime - TimeSpan.FromMinutes(1), time.RightTime - TimeSpan.FromSeconds(29));
        }
    }

    [Fact]
    public async Task A_clock_that_differs_from_that_of_PostgreSQL_is_not_trusted_until_they_agree()
    {
        var clock = new AgeClock(time, _ => Task.FromResult(time.RightTime));
        foreach (var wrong in new[] { TimeSpan.FromDays(3650), TimeSpan.FromHours(-1), TimeSpan.FromMinutes(6) })
        {
            time.Jump(wrong);
            await Assert.ThrowsAsync<ClockException>(() => ReadAsync(clock));
            time.Advance(TimeSpan.FromHours(2));
            await Assert.ThrowsAsync<ClockException>(() => ReadAsync(clock));
            time.Jump(-wrong);
            await ReadAsync(clock);
        }
    }

    [Fact]
    public async Task A_jump_that_PostgreSQL_makes_too_counts_only_when_it_has_stood()
    {
        var clock = new AgeClock(time, Together);
        time.Jump(TimeSpan.FromDays(3650));
        await Assert.ThrowsAsync<ClockException>(() => ReadAsync(clock));
        time.Jump(TimeSpan.FromDays(-3650));
        await ReadAsync(clock);

        time.Jump(TimeSpan.FromHours(9)); // as a machine that has slept
        await Assert.ThrowsAsync<ClockException>(() => ReadAsync(clock));
        time.Advance(TimeSpan.FromMinutes(59));
        await Assert.ThrowsAsync<ClockException>(() => ReadAsync(clock));
        time.Advance(TimeSpan.FromMinutes(2));
        await ReadAsync(clock);

        Task<DateTimeOffset> Together(CancellationToken cancellationToken) => Task.FromResult(time.GetUtcNow());
    }

    [Fact]
    public async Task A_clock_that_keeps_jumping_is_never_trusted()
    {
        var clock = new AgeClock(time, _ => Task.FromResult(time.GetUtcNow()));
        for (var jump = 0; jump < 5; jump++)
        {
            time.Jump(TimeSpan.FromDays(1));
            await Assert.ThrowsAsync<ClockException>(() => ReadAsync(clock));
            time.Advance(TimeSpan.FromMinutes(50));
        }
    }

    /// <summary>The clocks of these tests ask no PostgreSQL.</summary>
    private static Task<DateTimeOffset> ReadAsync(AgeClock clock) => clock.ReadAsync(TestContext.Current.CancellationToken);
}
