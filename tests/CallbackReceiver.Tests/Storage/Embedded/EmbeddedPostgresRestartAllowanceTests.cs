using CallbackReceiver.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CallbackReceiver.Tests.Storage.Embedded;

public sealed class EmbeddedPostgresRestartAllowanceTests
{
    [Fact]
    public async Task Five_starts_are_let_through_and_the_sixth_waits_until_the_first_is_a_minute_old()
    {
        var time = new FakeTimeProvider();
        var allowance = new RestartAllowance(time, NullLogger.Instance);
        for (var start = 0; start < 5; start++)
            await allowance.TakeAsync(TestContext.Current.CancellationToken);

        var sixth = allowance.TakeAsync(TestContext.Current.CancellationToken);

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(sixth.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await sixth.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }
}
