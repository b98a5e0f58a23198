using System.Threading.RateLimiting;

namespace CallbackReceiver.Answers;

/// <summary>
/// The memory that one answer takes. It grows as more is read, for as long as that is free; who has to wait gives back first what it has, so
/// that two answers that are half made never wait for each other.
/// </summary>
internal sealed class AnswerRoom(AnswerMemory memory, string reader) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<RateLimitLease> leases = [];
    private int permits;

    /// <summary>Makes the answer's memory enough for so many stored bytes.</summary>
    /// <returns>False where that much is not free now.</returns>
    public bool TryGrow(long storedBytes)
    {
        var missing = Missing(storedBytes);
        if (missing <= 0)
            return true;
        var lease = memory.TryTake(reader, missing);
        if (!lease.IsAcquired)
        {
            lease.Dispose();
            return false;
        }

        Keep(lease, missing);
        return true;
    }

    /// <summary>Makes the answer's memory enough for so many stored bytes, of which none is read yet.</summary>
    /// <inheritdoc cref="WaitAsync"/>
    public async Task TakeAsync(long storedBytes, CancellationToken cancellationToken)
    {
        if (!TryGrow(storedBytes))
            await WaitAsync(storedBytes, cancellationToken);
    }

    /// <summary>Waits for memory for so many stored bytes. What the answer had is given back, and what was read must be let go.</summary>
    /// <exception cref="AnswerMemoryException">None has become free in time.</exception>
    public async Task WaitAsync(long storedBytes, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, memory.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await WaitPatientlyAsync(storedBytes, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AnswerMemoryException();
        }
    }

    /// <summary>As <see cref="WaitAsync"/>, for as long as it takes: for an answer that is half sent.</summary>
    public async Task WaitPatientlyAsync(long storedBytes, CancellationToken cancellationToken)
    {
        Dispose();
        var missing = Missing(storedBytes);
        if (missing > 0)
            Keep(await memory.TakeAsync(reader, missing, cancellationToken), missing);
    }

    /// <summary>Gives back what the answer has. It may be used again.</summary>
    public void Dispose()
    {
        foreach (var lease in leases)
            lease.Dispose();
        leases.Clear();
        permits = 0;
    }

    private int Missing(long storedBytes) => storedBytes <= AnswerMemory.FreeBytes ? 0 : memory.PermitsFor(storedBytes) - permits;

    private void Keep(RateLimitLease lease, int taken)
    {
        leases.Add(lease);
        permits += taken;
    }
}

/// <summary>The memory for answers is taken: 503.</summary>
internal sealed class AnswerMemoryException : Exception
{
    public AnswerMemoryException()
        : base("The memory for answers is taken.")
    {
    }
}
