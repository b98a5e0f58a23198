using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Storage;

public sealed class BackgroundWorkTests
{
    [Fact]
    public async Task Stopping_cancels_the_work()
    {
        using var work = new Work((_, cancelled) => cancelled);
        await work.StartAsync(TestContext.Current.CancellationToken);
        await work.Started.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken); // what has not begun is not run at all
        Assert.False(work.Cancelled.IsCompleted);

        await work.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(work.ExecuteTask!.IsCompletedSuccessfully);
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
        await work.StartAsync(TestContext.Current.CancellationToken);

        await Task.Run(() => work.StopAsync(CancellationToken.None), TestContext.Current.CancellationToken).WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        hung.Set();
    }

    [Fact]
    public async Task A_failure_is_the_hosts_to_know()
    {
        using var work = new Work((_, _) => Task.FromException(new InvalidOperationException("broken")));
        await work.StartAsync(TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => work.ExecuteTask!);

        Assert.Equal("broken", failure.Message);
    }

    private sealed class Work(Func<CancellationToken, Task, Task> run) : BackgroundWork
    {
        private readonly TaskCompletionSource cancelled = new();
        private readonly TaskCompletionSource started = new();

        public Task Cancelled => cancelled.Task;

        public Task Started => started.Task;

        protected override async Task WorkAsync(CancellationToken cancellationToken)
        {
            cancellationToken.Register(cancelled.SetResult);
            started.SetResult();
            await run(cancellationToken, Cancelled);
        }
    }
}
