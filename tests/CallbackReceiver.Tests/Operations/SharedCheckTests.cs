using CallbackReceiver.Operations;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallbackReceiver.Tests.Operations;

/// <summary>Anyone may ask whether the service is ready, however often.</summary>
public sealed class SharedCheckTests
{
    [Fact]
    public async Task Those_who_ask_at_the_same_time_share_one_check()
    {
        var check = new SlowCheck();

        var asking = Enumerable.Range(0, 200).Select(_ => check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken)).ToList();
        check.Go.SetResult(HealthCheckResult.Healthy());
        var results = await Task.WhenAll(asking);

        Assert.Equal(1, check.Times);
        Assert.All(results, result => Assert.Equal(HealthStatus.Healthy, result.Status));
    }

    [Fact]
    public async Task Who_gives_up_ends_the_check_of_nobody_else()
    {
        var check = new SlowCheck();
        using var impatient = new CancellationTokenSource();
        var first = check.CheckHealthAsync(new HealthCheckContext(), impatient.Token);
        var second = check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        check.Go.SetResult(HealthCheckResult.Healthy());

        Assert.Equal((HealthStatus.Healthy, 1), ((await second).Status, check.Times));
    }

    private sealed class SlowCheck() : SharedCheck(TimeProvider.System)
    {
        public TaskCompletionSource<HealthCheckResult> Go { get; } = new();

        public int Times { get; private set; }

        protected override Task<HealthCheckResult> CheckAsync()
        {
            Times++;
            return Go.Task;
        }
    }
}
