namespace SeaMeet.Tests.Infrastructure;

/// <summary>Waits for what happens by itself. The limit is for what never does; no test passes by running into it.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<T> BecomesAsync<T>(Func<Task<T>> read, Func<T, bool> isSo)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (isSo(value))
                return value;
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Limit, $"It did not come to be. The last was: {value}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
