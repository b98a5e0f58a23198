using System.Threading.RateLimiting;
using CallbackReceiver.Operations;
using CallbackReceiver.Storage;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Access;

/// <summary>An answer that goes on for as long as its reader reads, and what it holds meanwhile.</summary>
internal enum StreamKind
{
    /// <summary>Holds a connection to PostgreSQL.</summary>
    Export,

    /// <summary>Holds a connection of the web server's.</summary>
    Events,
}

/// <summary>
/// Bounds the streams that are under way at once: those of one reader, so that nobody takes what others need, and those of all, so that
/// lists and searches always find a connection. The rate limit counts requests, and a stream is one request for as long as it lasts.
/// </summary>
internal sealed class StreamLimit : IDisposable
{
    private readonly PartitionedRateLimiter<(StreamKind Kind, string Reader)> ofReader;
    private readonly PartitionedRateLimiter<StreamKind> ofAll;
    private readonly RequestDelegate next;

    public StreamLimit(RequestDelegate next, IOptions<RateLimitOptions> options, IOptions<LimitOptions> limits, ReadDatabase reads)
    {
        this.next = next;
        var perReader = (Exports: options.Value.Exports, Listeners: options.Value.Listeners);
        ofReader = PartitionedRateLimiter.Create<(StreamKind Kind, string Reader), (StreamKind, string)>(
            stream => PartitionOf(stream, stream.Kind == StreamKind.Export ? perReader.Exports : perReader.Listeners));

        // Half is left to what ends by itself.
        var inAll = (Exports: Math.Max(1, reads.Size / 2), Listeners: Math.Max(1, limits.Value.Connections / 2));
        ofAll = PartitionedRateLimiter.Create<StreamKind, StreamKind>(kind => PartitionOf(kind, kind == StreamKind.Export ? inAll.Exports : inAll.Listeners));
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<StreamRoute>() is not { Kind: var kind })
        {
            await next(context);
            return;
        }

        using var own = ofReader.AttemptAcquire((kind, context.User.Identity?.Name ?? ""));
        if (!own.IsAcquired)
        {
            await Problem.TooManyStreams().ExecuteAsync(context);
            return;
        }

        using var shared = ofAll.AttemptAcquire(kind);
        await (shared.IsAcquired ? next(context) : Problem.Busy().ExecuteAsync(context));
    }

    public void Dispose()
    {
        ofReader.Dispose();
        ofAll.Dispose();
    }

    private static RateLimitPartition<T> PartitionOf<T>(T key, int permits) =>
        permits == 0
            ? RateLimitPartition.GetNoLimiter(key)
            : RateLimitPartition.GetConcurrencyLimiter(key, _ => new ConcurrencyLimiterOptions { PermitLimit = permits });
}

/// <summary>Marks a route whose answer is a stream.</summary>
internal sealed record StreamRoute(StreamKind Kind);
