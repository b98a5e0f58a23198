namespace CallbackReceiver.FaultTests.Machinery;

/// <summary>Waits for what happens by itself. The limit is for what never does: then the round has failed.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <exception cref="TimeoutException">It did not come to be.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition, string description, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Limit)
                throw new TimeoutException($"it did not come to be within {Limit.TotalSeconds:0} s that {description}");
            await Task.Delay(Pause, cancellationToken);
        }
    }
}
