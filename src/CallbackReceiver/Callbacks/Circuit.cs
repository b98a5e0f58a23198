namespace CallbackReceiver.Callbacks;

/// <summary>
/// Remembers that PostgreSQL is unavailable, so that no callback waits for it in vain: after a failure one operation a second tries, and the
/// others do without PostgreSQL until one succeeds.
/// </summary>
internal sealed class Circuit(TimeProvider time, ILogger<Circuit> logger)
{
    /// <summary>Operations that were given up and have not ended yet; more are not added to them, since each holds a batch in memory.</summary>
    private const int MaxGivenUp = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();

    // A timestamp of the monotonic clock: the wall clock may be set back by an hour.
    private long? failedAt;
    private int givenUp;

    /// <summary>Raised when PostgreSQL turns out to be unavailable.</summary>
    public event Action? Opened;

    /// <summary>Whether PostgreSQL is known to be unavailable, so that who has another way need not wait for it.</summary>
    public bool IsOpen
    {
        get
        {
            lock (gate)
                return failedAt is not null;
        }
    }

    /// <summary>Runs an operation on PostgreSQL, unless PostgreSQL is known to be unavailable.</summary>
    /// <param name="operation">
    /// The operation. It is not cancelled when it takes too long, since the driver's cancelling waits for the server as well: it is left to
    /// end by itself, and what it reads must stay readable until then.
    /// </param>
    /// <param name="patience">How long to wait for it.</param>
    /// <param name="cancellationToken">Ends the wait; the operation is left as well.</param>
    /// <returns>Null where PostgreSQL is unavailable, failed, or did not answer in time, or the wait was ended.</returns>
    public async Task<T?> TryAsync<T>(Func<Task<T>> operation, TimeSpan patience, CancellationToken cancellationToken = default)
        where T : class
    {
        if (!MayTry())
            return null;
        var running = operation();
        try
        {
            var result = await running.WaitAsync(patience, time, cancellationToken);
            Close();
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = GiveUpAsync(running);
            return null;
        }
        catch (Exception exception)
        {
            Open();
            logger.DatabaseUnavailable(StorageFailure.Describe(exception));
            _ = GiveUpAsync(running);
            return null;
        }
    }

    private async Task GiveUpAsync(Task running)
    {
        Interlocked.Increment(ref givenUp);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref givenUp);
    }

    private bool MayTry()
    {
        lock (gate)
        {
            if (failedAt is not { } last)
                return true;
            if (time.GetElapsedTime(last) < Pause || Volatile.Read(ref givenUp) >= MaxGivenUp)
                return false;
            failedAt = time.GetTimestamp();
            return true;
        }
    }

    private void Close()
    {
        lock (gate)
            failedAt = null;
    }

    private void Open()
    {
        bool wasClosed;
        lock (gate)
        {
            wasClosed = failedAt is null;
            failedAt = time.GetTimestamp();
        }

        if (wasClosed)
            Opened?.Invoke();
    }
}
