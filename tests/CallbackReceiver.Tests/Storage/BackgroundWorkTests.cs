using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallbackReceiver.Tests.Storage;

public sealed class BackgroundWorkTests
{
    [Fact]
    public async Task Stopping_cancels_the_work()
    {
        using var work = new Work((_, cancelled) => cancelled);
        await work.BeginAsync();
        Assert.False(work.Cancelled.IsCompleted);

        await work.StopAsync(TestContext.Current.CancellationToken);

        await work.ExecuteTask!.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        await work.Cancelled.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Stopping_waits_for_no_work_whose_cancelling_hangs()
    {
        using var hung = new ManualResetEventSlim();
        using var work = new Work((token, _) =>
        {
            token.Register(hung.Wait);
            return new TaskCompletionSource().Task;
        });
        await work.BeginAsync();

        await Task.Run(() => work.StopAsync(CancellationToken.None), TestContext.Current.CancellationToken).WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        hung.Set();
    }

    [Fact]
    public async Task Work_that_fails_with_whatever_begins_again()
    {
        var times = 0;
        using var work = new Work((_, cancelled) => ++times < 3 ? throw new InvalidOperationException("broken") : cancelled);
        await work.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.HoldsAsync(() => Task.FromResult(times == 3), "it has begun for the third time");

        Assert.False(work.ExecuteTask!.IsCompleted);
        await work.StopAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Work(Func<CancellationToken, Task, Task> run) : BackgroundWork
    {
        private readonly TaskCompletionSource begun = new();
        private readonly TaskCompletionSource cancelled = new();

        public Task Cancelled => cancelled.Task;

        protected override ILogger Logger => NullLogger.Instance;

        /// <summary>What is stopped before it has begun never begins.</summary>
        public async Task BeginAsync()
        {
            await StartAsync(TestContext.Current.CancellationToken);
            await begun.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        }

        protected override async Task WorkAsync(CancellationToken cancellationToken)
        {
            cancellationToken.Register(() => cancelled.TrySetResult());
            var running = run(cancellationToken, Cancelled);
            begun.TrySetResult();
            await running;
        }
    }
}
