using System.Buffers;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;

namespace CallbackReceiver.Callbacks;

/// <summary>A request's body in a buffer of the array pool. Disposing it gives the buffer back.</summary>
internal sealed class RequestBody : IDisposable
{
    private readonly RateLimitLease? memory;
    private byte[] buffer;
    private int length;

    private RequestBody(int capacity, RateLimitLease? memory)
    {
        buffer = ArrayPool<byte>.Shared.Rent(capacity);
        this.memory = memory;
    }

    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

    /// <summary>Reads the whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBytes">The longest body that is read, whatever the request says of its length.</param>
    /// <param name="bodyMemory">What bodies over 64 KiB reserve their memory from.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null where there is no memory for so large a body at the moment.</returns>
    /// <exception cref="BadHttpRequestException">The body is over the bound (413), came too slowly (408) or ended early (400).</exception>
    public static async ValueTask<RequestBody?> ReadAsync(
        HttpRequest request, int maxBytes, BodyMemory bodyMemory, CancellationToken cancellationToken)
    {
        SetServerLimit(request, maxBytes);
        if (request.ContentLength > maxBytes)
            throw TooLarge();

        // A body of unknown length reserves the most it could need before it grows past what is free, not bit by bit: half-read
        // bodies that wait for each other's memory would wait for ever.
        var body = request.ContentLength is { } known
            ? await ReserveAsync((int)known, bodyMemory, cancellationToken)
            : new RequestBody(BodyMemory.FreeBytes, null);
        try
        {
            while (body is not null)
            {
                var read = await request.BodyReader.ReadAsync(cancellationToken);
                if (body.length + read.Buffer.Length > maxBytes)
                {
                    request.BodyReader.AdvanceTo(read.Buffer.End); // the server fails, and logs it as an error, where a read stays open
                    throw TooLarge();
                }

                if (body.Lacks(read.Buffer.Length))
                    body = await body.GrowAsync(maxBytes, bodyMemory, cancellationToken);
                body?.Append(read.Buffer);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }

            return body;
        }
        catch
        {
            body?.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the buffer to the garbage collector, because something may read it after this is disposed.</summary>
    public void LeaveBuffer() => buffer = [];

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref buffer, []));
        memory?.Dispose();
    }

    private static async ValueTask<RequestBody?> ReserveAsync(int capacity, BodyMemory bodyMemory, CancellationToken cancellationToken)
    {
        if (capacity <= BodyMemory.FreeBytes)
            return new RequestBody(capacity, null);

        // The pool's arrays come in powers of two: that is what is really taken.
        var rented = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity);
        return await bodyMemory.ReserveAsync(rented, cancellationToken) is { } lease ? new RequestBody(capacity, lease) : null;
    }

    private static BadHttpRequestException TooLarge() => new("The body is over the limit.", StatusCodes.Status413PayloadTooLarge);

    /// <summary>
    /// Kestrel's own limit counts the framing of chunks too, and would refuse a chunked body that is within ours. It still ends the reading
    /// of an endless one, which goes on for a while behind the answer.
    /// </summary>
    private static void SetServerLimit(HttpRequest request, int maxBytes)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = request.ContentLength is null ? 2L * maxBytes : maxBytes;
    }

    private bool Lacks(long more) => length + more > buffer.Length;

    private async ValueTask<RequestBody?> GrowAsync(int maxBytes, BodyMemory bodyMemory, CancellationToken cancellationToken)
    {
        var larger = await ReserveAsync(maxBytes, bodyMemory, cancellationToken);
        larger?.Append(new ReadOnlySequence<byte>(buffer, 0, length));
        Dispose();
        return larger;
    }

    private void Append(in ReadOnlySequence<byte> bytes)
    {
        bytes.CopyTo(buffer.AsSpan(length));
        length += (int)bytes.Length;
    }
}
