using System.Buffers;
using System.Threading.RateLimiting;

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
    /// <param name="request">A request whose server bounds the body while it is read, chunked or not (Kestrel's MaxRequestBodySize).</param>
    /// <param name="maxBytes">That bound.</param>
    /// <param name="bodyMemory">What bodies over 64 KiB reserve their memory from.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null where there is no memory for so large a body at the moment.</returns>
    /// <exception cref="BadHttpRequestException">The body is over the bound (413), came too slowly (408) or ended early (400).</exception>
    public static async ValueTask<RequestBody?> ReadAsync(
        HttpRequest request, int maxBytes, BodyMemory bodyMemory, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
            throw new BadHttpRequestException("The body is over the limit.", StatusCodes.Status413PayloadTooLarge);

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
                if (body.Lacks(read.Buffer.Length))
                    body = await body.GrowAsync(read.Buffer.Length, maxBytes, bodyMemory, cancellationToken);
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

    private bool Lacks(long more) => length + more > buffer.Length;

    private async ValueTask<RequestBody?> GrowAsync(long more, int maxBytes, BodyMemory bodyMemory, CancellationToken cancellationToken)
    {
        if (length + more > maxBytes)
            throw new BadHttpRequestException("The body is over the limit.", StatusCodes.Status413PayloadTooLarge);
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
