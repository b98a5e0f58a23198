using System.Runtime.CompilerServices;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Waits for what happens by itself. The limit is for what never does; no test passes by running into it.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task HoldsAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string description = "")
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Limit)
                Assert.Fail($"It did not come to be that {description}.");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
