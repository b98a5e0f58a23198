using System.Threading.RateLimiting;

namespace CallbackReceiver.Callbacks;

/// <summary>A buffer in the <see cref="BodyMemory"/>. Disposing it makes room for another.</summary>
internal sealed class LargeBuffer(RateLimitLease room, LargeArrays arrays, int length) : IDisposable
{
    public byte[] Array { get; } = arrays.Rent(length);

    /// <summary>Whether nothing reads the array any more when this is disposed, so that it can be used again.</summary>
    public bool IsReusable { get; set; } = true;

    public void Dispose()
    {
        if (IsReusable)
            arrays.Return(Array);
        else
            arrays.Forget(Array);
        room.Dispose();
    }
}
