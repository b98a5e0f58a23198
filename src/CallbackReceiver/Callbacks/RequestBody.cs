using System.Buffers;
using System.Threading.RateLimiting;

namespace CallbackReceiver.Callbacks;

/// <summary>A request's body in a buffer of the array pool. Disposing it gives the buffer back.</summary>
internal sealed class RequestBody(int capacity) : IDisposable
{
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private RateLimitLease? memory;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, Length);

    /// <summary>Whether the buffer is too small for that many bytes more.</summary>
    public bool Lacks(long more) => Length + more > buffer.Length;

    /// <summary>Goes on in a larger buffer.</summary>
    /// <param name="capacity">How long the body may become.</param>
    /// <param name="lease">What the memory was reserved with; disposed with the body.</param>
    public void Grow(int capacity, RateLimitLease lease)
    {
        memory = lease;
        var larger = ArrayPool<byte>.Shared.Rent(capacity);
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    public void Append(in ReadOnlySequence<byte> bytes)
    {
        bytes.CopyTo(buffer.AsSpan(Length));
        Length += (int)bytes.Length;
    }

    /// <summary>Leaves the buffer to the garbage collector, because something may read it after this is disposed.</summary>
    public void LeaveBuffer() => buffer = [];

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref buffer, []));
        memory?.Dispose();
    }
}
