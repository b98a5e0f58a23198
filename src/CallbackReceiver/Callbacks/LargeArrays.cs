namespace CallbackReceiver.Callbacks;

/// <summary>
/// Arrays for large bodies, used again. Those in use and those that wait for use are together no longer than the bound, and a full garbage
/// collection takes what waits. .NET's shared pool keeps one of each length for every thread besides, which doubled the memory.
/// </summary>
/// <param name="maxBytes">The bound. The caller sees to it that what is in use keeps it.</param>
internal sealed class LargeArrays(long maxBytes)
{
    private readonly Lock sync = new();
    private readonly List<WeakReference<byte[]>> free = [];
    private long inUse;

    /// <param name="length">The array's exact length.</param>
    public byte[] Rent(int length)
    {
        lock (sync)
        {
            inUse += length;
            if (TakeFree(length) is { } array)
                return array;
            LetGo();
        }

        return GC.AllocateUninitializedArray<byte>(length);
    }

    public void Return(byte[] array)
    {
        lock (sync)
        {
            inUse -= array.Length;
            free.Add(new WeakReference<byte[]>(array));
        }
    }

    /// <summary>For an array that something may still read: it is not used again.</summary>
    public void Forget(byte[] array)
    {
        lock (sync)
            inUse -= array.Length;
    }

    private byte[]? TakeFree(int length)
    {
        for (var at = free.Count - 1; at >= 0; at--)
        {
            if (free[at].TryGetTarget(out var array) && array.Length == length)
            {
                free.RemoveAt(at);
                return array;
            }
        }

        return null;
    }

    /// <summary>Lets go what is over the bound, that which waits longest first.</summary>
    private void LetGo()
    {
        free.RemoveAll(waiting => !waiting.TryGetTarget(out _));
        var over = inUse + free.Sum(LengthOf) - maxBytes;
        var leaving = 0;
        for (; over > 0 && leaving < free.Count; leaving++)
            over -= LengthOf(free[leaving]);
        free.RemoveRange(0, leaving);
    }

    private static long LengthOf(WeakReference<byte[]> waiting) => waiting.TryGetTarget(out var array) ? array.Length : 0;
}
