using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Answers;

/// <summary>
/// The memory that answers to queries take while they are made and sent, bounded in all and for each reader, so that neither many readers of
/// long calls end the process, nor one reader keeps all others waiting.
/// </summary>
internal sealed class AnswerMemory : IDisposable
{
    /// <summary>An answer of so many stored bytes takes none of it.</summary>
    public const int FreeBytes = 64 * 1024;

    /// <summary>What a stored byte takes at most at one moment: as it was read, as UTF-16 or unescaped, and as it is written.</summary>
    private const int BytesPerStoredByte = 4;

    private const int Unit = 1024;

    private readonly PartitionedRateLimiter<string> limiter;

    public AnswerMemory(IOptions<AnswerMemoryOptions> options, TimeProvider time)
    {
        Time = time;
        PermitsOfReader = options.Value.MemoryBytes / Unit / 2;
        limiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<string, string>(reader => RateLimitPartition.GetConcurrencyLimiter(reader, _ => Limit(PermitsOfReader))),
            PartitionedRateLimiter.Create<string, string>(_ => RateLimitPartition.GetConcurrencyLimiter("", _ => Limit(2 * PermitsOfReader))));
    }

    /// <summary>The most that one reader gets. A single answer that needs more gets that.</summary>
    private int PermitsOfReader { get; }

    public TimeProvider Time { get; }

    /// <summary>The memory of the answer to a request, given back when the answer is sent.</summary>
    public AnswerRoom RoomFor(HttpContext request)
    {
        var room = RoomOf(request.User.Identity?.Name ?? "");
        request.Response.RegisterForDispose(room);
        return room;
    }

    /// <summary>The memory of a part of an answer to a reader, such as a row of a file; the caller gives it back.</summary>
    public AnswerRoom RoomOf(string reader) => new(this, reader);

    public void Dispose() => limiter.Dispose();

    internal int PermitsFor(long storedBytes) => (int)Math.Min(storedBytes * BytesPerStoredByte / Unit, PermitsOfReader);

    internal RateLimitLease TryTake(string reader, int permits) => limiter.AttemptAcquire(reader, permits);

    internal ValueTask<RateLimitLease> TakeAsync(string reader, int permits, CancellationToken cancellationToken) => limiter.AcquireAsync(reader, permits, cancellationToken);

    private static ConcurrencyLimiterOptions Limit(int permits) => new()
    {
        PermitLimit = permits,
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    };
}
