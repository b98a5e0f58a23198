using System.Buffers;

namespace CallbackReceiver.Callbacks;

/// <summary>A request's body in a buffer that is used again. Disposing it gives the buffer back.</summary>
internal sealed class RequestBody(int capacity) : IDisposable
{
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private LargeBuffer? large;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, Length);

    /// <summary>Whether the buffer is too small for that many bytes more.</summary>
    public bool Lacks(long more) => Length + more > buffer.Length;

    /// <summary>Goes on in a larger buffer.</summary>
    /// <param name="larger">As long as the body may become; disposed with the body.</param>
    public void Grow(LargeBuffer larger)
    {
        Bytes.CopyTo(larger.Array);
        ArrayPool<byte>.Shared.Return(buffer);
        (large, buffer) = (larger, larger.Array);
    }

    public void Append(in ReadOnlySequence<byte> bytes)
    {
        bytes.CopyTo(buffer.AsSpan(Length));
        Length += (int)bytes.Length;
    }

    /// <summary>Leaves the buffer to the garbage collector, because something may read it after this is disposed.</summary>
    public void LeaveBuffer()
    {
        buffer = [];
        if (large is not null)
            large.IsReusable = false;
    }

    public void Dispose()
    {
        var last = Interlocked.Exchange(ref buffer, []);
        if (Interlocked.Exchange(ref large, null) is { } lent)
            lent.Dispose();
        else
            ArrayPool<byte>.Shared.Return(last);
    }
}
