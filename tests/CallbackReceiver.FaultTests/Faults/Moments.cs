namespace CallbackReceiver.FaultTests.Faults;

/// <summary>The random moments of a round, the same for the same seed.</summary>
internal sealed class Moments(Random random, CancellationToken cancellationToken)
{
    public Random Random { get; } = random;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public TimeSpan Between(int fromMilliseconds, int toMilliseconds) => TimeSpan.FromMilliseconds(Random.Next(fromMilliseconds, toMilliseconds));

    /// <summary>Lets a random time pass.</summary>
    public Task PassAsync(int fromMilliseconds, int toMilliseconds) => Task.Delay(Between(fromMilliseconds, toMilliseconds), CancellationToken);

    public bool Toss() => Random.Next(2) == 0;
}
