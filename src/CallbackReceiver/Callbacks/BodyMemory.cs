using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Bounds the memory that large bodies take together. A body of up to <see cref="FreeBytes"/> takes none of it: those are bounded by
/// the number of connections and the length of the queue.
/// </summary>
internal sealed class BodyMemory : IDisposable
{
    public const int FreeBytes = 64 * 1024;

    private const int Unit = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrencyLimiter limiter;
    private readonly int permits;

    public BodyMemory(IOptions<CallbackOptions> options)
    {
        permits = Math.Max(options.Value.BodyMemoryBytes, options.Value.MaxBodyBytes) / Unit;
        limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = permits,
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <summary>Waits for room, first come first served.</summary>
    /// <returns>What to dispose when the memory is free again; null where none became free in time.</returns>
    public async ValueTask<RateLimitLease?> ReserveAsync(int bytes, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await limiter.AcquireAsync(Math.Min(permits, bytes / Unit), patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => limiter.Dispose();
}
