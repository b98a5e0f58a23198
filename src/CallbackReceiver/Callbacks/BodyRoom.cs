using CallbackReceiver.Access;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// What one large body has of the <see cref="BodyMemory"/>, from its first byte over <see cref="BodyMemory.FreeBytes"/> until it is answered.
/// It knows how its sender keeps pace, so that a body that trickles gives way to others when memory is short. Its fields belong to the lock
/// of the memory, but for the measure of the pace, which the body's reader writes and others only look at.
/// </summary>
internal sealed class BodyRoom(BodyMemory memory, ClientNetwork network, long number, CancellationTokenSource reading) : IDisposable
{
    /// <summary>How far a sender may be behind the pace: what a lost packet costs on a good line.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>What is left of that, at least, to a sender whose body waited for memory: its connection has to begin again.</summary>
    private static readonly TimeSpan Restart = TimeSpan.FromMilliseconds(500);

    /// <summary>What a sender can send while its body waits for memory, at least: less than the web server buffers of a connection, or of a stream.</summary>
    private const int BufferedBytes = 512 * 1024;

    private long cameLast;
    private long behind;
    private long waitingSince;

    public ClientNetwork Network => network;

    /// <summary>The order in which bodies came.</summary>
    public long Number => number;

    /// <summary>Which part of the memory it is in: null before it has any.</summary>
    public BodyPool? Pool { get; set; }

    /// <summary>How much it has, in bytes.</summary>
    public int Bytes { get; set; }

    /// <summary>How much it waits to have, where <see cref="Granted"/> is there.</summary>
    public int Wanted { get; set; }

    /// <summary>Ends the waiting for memory; null where it does not wait.</summary>
    public TaskCompletionSource? Granted { get; set; }

    /// <summary>Whether its reading has ended: from then on nobody outside can delay it, and it gives way no more.</summary>
    public bool IsRead { get; set; }

    /// <summary>Whether its reading has been ended for the sake of others. Its memory is free once the reader has seen it.</summary>
    public bool HasGivenWay { get; private set; }

    /// <summary>Notes that the reader has taken all that there is, and waits for its sender.</summary>
    public void WaitForSender() => Volatile.Write(ref waitingSince, memory.Time.GetTimestamp());

    /// <summary>
    /// Notes that the body waited for memory. Its sender could fill the buffers meanwhile: as far as they were not full before, that counts as
    /// time in which it sent nothing, until it is found there.
    /// </summary>
    public void Waited(TimeSpan elapsed)
    {
        var late = behind + Math.Min(elapsed.Ticks, memory.TimeAtPace(Math.Max(0, BufferedBytes - cameLast)).Ticks);
        Volatile.Write(ref behind, Math.Max(behind, Math.Min(late, (Grace - Restart).Ticks)));
    }

    /// <summary>Notes what came of the sender. What comes ahead of the pace makes up for a delay before, but earns none for later.</summary>
    public void Came(long bytes)
    {
        cameLast = bytes;
        var late = behind - memory.TimeAtPace(bytes).Ticks;
        if (waitingSince != 0)
            late += memory.Time.GetElapsedTime(waitingSince).Ticks;
        Volatile.Write(ref behind, Math.Max(0, late));
        Volatile.Write(ref waitingSince, 0);
    }

    /// <summary>Whether it waits for a sender that does not keep the pace.</summary>
    public bool IsSlow() =>
        !IsRead && Volatile.Read(ref waitingSince) is not 0 and var since
        && Volatile.Read(ref behind) + memory.Time.GetElapsedTime(since).Ticks > Grace.Ticks;

    /// <summary>Ends its reading.</summary>
    public void GiveWay()
    {
        HasGivenWay = true;
        _ = reading.CancelAsync(); // what follows of it does not run here, under the lock
    }

    /// <inheritdoc cref="BodyMemory.EndReading"/>
    public void EndReading() => memory.EndReading(this);

    public byte[] RentArray(int length) => memory.Arrays.Rent(length);

    /// <param name="array">The array that was in use last.</param>
    /// <param name="isReusable">Whether nothing reads it any more.</param>
    public void ReturnArray(byte[] array, bool isReusable)
    {
        if (isReusable)
            memory.Arrays.Return(array);
        else
            memory.Arrays.Forget(array);
    }

    public void Dispose() => memory.Leave(this);
}
