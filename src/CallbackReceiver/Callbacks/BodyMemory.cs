using System.Numerics;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// The memory that large bodies take, bounded in all. A body of up to <see cref="FreeBytes"/> takes none of it: those are bounded by
/// the number of connections and the length of the queue.
/// </summary>
internal sealed class BodyMemory : IDisposable
{
    public const int FreeBytes = 64 * 1024;

    private const int Unit = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrencyLimiter limiter;
    private readonly LargeArrays arrays;
    private readonly int permits;

    public BodyMemory(IOptions<CallbackOptions> options)
    {
        permits = Math.Max(options.Value.BodyMemoryBytes, options.Value.MaxBodyBytes) / Unit;
        arrays = new LargeArrays((long)permits * Unit);
        limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = permits,
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <summary>Waits for room, first come first served.</summary>
    /// <param name="bytes">The least length; the buffer's is the next power of two.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Null where no room became free in time.</returns>
    public async ValueTask<LargeBuffer?> RentAsync(int bytes, CancellationToken cancellationToken)
    {
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)bytes);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return new LargeBuffer(await limiter.AcquireAsync(Math.Min(permits, length / Unit), patience.Token), arrays, length);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => limiter.Dispose();
}
