using System.Numerics;
using CallbackReceiver.Access;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// The memory that large bodies take, bounded in all. A body of up to <see cref="FreeBytes"/> takes none of it: those are bounded by
/// the number of connections and the length of the queue. Networks whose signature has been verified have a part of the memory to themselves,
/// and their bodies the length that they claim; strangers share the other, of which one network cannot take all, and reserve as bytes come.
/// </summary>
internal sealed class BodyMemory : IDisposable
{
    public const int FreeBytes = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The longest body that keeps the pace comes within that time, or within <see cref="CallbackOptions.BodyTimeout"/> where it is shorter.</summary>
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(30);

    /// <summary>How often is looked, while bodies wait, which others have become slow.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Lock sync = new();
    private readonly VerifiedSenders senders;
    private readonly BodyPool ofSenders;
    private readonly BodyPool ofStrangers;
    private readonly double bytesPerTick;
    private readonly Timer looking;
    private long bodies;
    private bool isLooking;

    public BodyMemory(IOptions<CallbackOptions> options, VerifiedSenders senders, TimeProvider time)
    {
        this.senders = senders;
        Time = time;
        long longest = LengthFor(options.Value.MaxBodyBytes);
        var all = Math.Max(options.Value.BodyMemoryBytes, 2 * longest);
        var strange = Math.Clamp(all * 3 / 8, longest, all - longest);
        ofSenders = new BodyPool(all - strange, longest, mostOfNetwork: long.MaxValue);
        ofStrangers = new BodyPool(strange, longest, mostOfNetwork: (strange - longest) * 3 / 4);
        Arrays = new LargeArrays(all);
        bytesPerTick = options.Value.MaxBodyBytes / (double)Math.Min(options.Value.BodyTimeout.Ticks, LongestTime.Ticks);
        looking = new Timer(_ => LookAgain());
    }

    public TimeProvider Time { get; }

    public LargeArrays Arrays { get; }

    /// <summary>Whether callbacks of the network have been verified, so that what it says of a body's length is believed.</summary>
    public bool Knows(ClientNetwork network) => senders.Include(network);

    /// <summary>Begins with a body that is about to have more than the free bytes.</summary>
    /// <param name="network">Where it comes from.</param>
    /// <param name="reading">Is cancelled where the body has to give way to others.</param>
    public BodyRoom Enter(ClientNetwork network, CancellationTokenSource reading) => new(this, network, Interlocked.Increment(ref bodies), reading);

    /// <summary>The length of the array that a body needs which may become so long.</summary>
    public static int LengthFor(int bytes) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(bytes, 2 * FreeBytes));

    /// <summary>How long so many bytes may take of a sender that keeps the pace.</summary>
    public TimeSpan TimeAtPace(long bytes) => TimeSpan.FromTicks((long)(bytes / bytesPerTick));

    /// <summary>Waits until the body may have an array of that length.</summary>
    /// <returns>False where no room became free in time.</returns>
    /// <exception cref="OperationCanceledException">The waiting was ended.</exception>
    public ValueTask<bool> GrowAsync(BodyRoom room, int length, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            room.Wanted = length;
            var pool = room.Pool ?? (senders.Include(room.Network) ? ofSenders : ofStrangers);
            if (pool.TryGrow(room))
                return ValueTask.FromResult(true);
            KeepLooking();
            return new ValueTask<bool>(WaitAsync(room, room.Granted!.Task, cancellationToken));
        }
    }

    /// <summary>Notes that the body gives way no more: it has come, or ends.</summary>
    public void EndReading(BodyRoom room)
    {
        lock (sync)
            room.IsRead = true;
    }

    public void Leave(BodyRoom room)
    {
        lock (sync)
        {
            if (room.Pool is not { } pool)
                return;
            pool.Leave(room);
            pool.Distribute();
        }
    }

    public void Dispose() => looking.Dispose();

    private async Task<bool> WaitAsync(BodyRoom room, Task granted, CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        try
        {
            await granted.WaitAsync(Patience, cancellationToken);
            room.Waited(Time.GetElapsedTime(started));
            return true;
        }
        catch (Exception ended) when (ended is TimeoutException or OperationCanceledException)
        {
            lock (sync)
            {
                if (room.Pool?.StopWaiting(room) is not true)
                    return true; // it was granted in the same moment
            }

            if (ended is TimeoutException)
                return false;
            throw;
        }
    }

    private void LookAgain()
    {
        lock (sync)
        {
            isLooking = false;
            ofSenders.Distribute();
            ofStrangers.Distribute();
            KeepLooking();
        }
    }

    private void KeepLooking()
    {
        if (isLooking || !(ofSenders.HasWaiting || ofStrangers.HasWaiting))
            return;
        isLooking = looking.Change(Look, Timeout.InfiniteTimeSpan);
    }
}
