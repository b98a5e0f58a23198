using System.Buffers;

namespace CallbackReceiver.Callbacks;

/// <summary>A request's body in a buffer that is used again. Disposing it gives the buffer back.</summary>
internal sealed class RequestBody(int capacity) : IDisposable
{
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private bool isLarge;
    private bool isReusable = true;
    private BodyRoom? room;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, Length);

    /// <summary>Its part of the memory for large bodies, disposed with it; null as long as it needs none.</summary>
    public BodyRoom? Room
    {
        get => room;
        set => room = value;
    }

    /// <summary>Whether the buffer is too small for that many bytes more.</summary>
    public bool Lacks(long more) => Length + more > buffer.Length;

    /// <summary>Goes on in a larger buffer, in its part of the memory where it has one.</summary>
    public void Grow(int length)
    {
        var larger = room is null ? ArrayPool<byte>.Shared.Rent(length) : room.RentArray(length);
        Bytes.CopyTo(larger);
        Return(buffer);
        (buffer, isLarge) = (larger, room is not null);
    }

    public void Append(in ReadOnlySequence<byte> bytes)
    {
        bytes.CopyTo(buffer.AsSpan(Length));
        Length += (int)bytes.Length;
    }

    /// <summary>Leaves the buffer to the garbage collector, because something may read it after this is disposed.</summary>
    public void LeaveBuffer() => isReusable = false;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref buffer, []) is { Length: > 0 } last)
            Return(last);
        Length = 0;
        Interlocked.Exchange(ref room, null)?.Dispose();
    }

    private void Return(byte[] last)
    {
        if (isLarge)
            room!.ReturnArray(last, isReusable);
        else if (isReusable)
            ArrayPool<byte>.Shared.Return(last);
    }
}
