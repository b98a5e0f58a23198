namespace CallbackReceiver.Callbacks;

/// <summary>
/// Remembers that PostgreSQL is away, so that no callback waits for it in vain: after a failure, one batch a second tries, and the others
/// do without it until one succeeds.
/// </summary>
internal sealed class Circuit(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private DateTimeOffset? nextTry;

    public bool IsOpen => nextTry is not null;

    /// <summary>Whether the caller may try PostgreSQL now. It reports how that went.</summary>
    public bool MayTry()
    {
        lock (gate)
        {
            if (nextTry is { } at && time.GetUtcNow() < at)
                return false;
            if (nextTry is not null)
                nextTry = time.GetUtcNow() + Pause;
            return true;
        }
    }

    public void Succeeded()
    {
        lock (gate)
            nextTry = null;
    }

    public void Failed()
    {
        lock (gate)
            nextTry = time.GetUtcNow() + Pause;
    }
}
