using CallbackReceiver.Access;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// A part of the <see cref="BodyMemory"/> with the bodies that are in it. Nobody takes the last bytes of it, as many as the longest body
/// needs, but the one body that is first in line: so there is always one that never waits for another's memory, which ends, or is ended
/// where its sender is slow, and then the next one is first. That is why half-read bodies that wait for each other never wait for ever.
/// A share of the pool may be kept for bodies that have room for their whole length at once, so that those which are under way do not all stop
/// half-read. The other bodies grow as they come, beside them: one that announces much and sends little holds little there, and is no obstacle.
/// Its owner's lock guards it.
/// </summary>
internal sealed class BodyPool
{
    private readonly long mostAtOnce;
    private readonly long mostAsTheyCome;
    private readonly long mostOfNetwork;
    private readonly List<BodyRoom> rooms = [];
    private readonly List<BodyRoom> waiting = [];
    private readonly Dictionary<ClientNetwork, long> takenByNetwork = [];
    private long takenAtOnce;
    private long takenAsTheyCome;
    private BodyRoom? first;

    /// <param name="bytes">How much there is.</param>
    /// <param name="longest">The most that one body needs.</param>
    /// <param name="mostAtOnce">How much bodies that have room for their whole length take; zero where all grow as they come.</param>
    /// <param name="mostOfNetwork">The most that bodies of one client network take, the first in line not counted.</param>
    public BodyPool(long bytes, long longest, long mostAtOnce, long mostOfNetwork)
    {
        this.mostAtOnce = mostAtOnce;
        this.mostOfNetwork = mostOfNetwork;
        mostAsTheyCome = bytes - longest - mostAtOnce;
    }

    public bool HasWaiting => waiting.Count > 0;

    /// <summary>Gives the room as much as it wants, or puts it in the queue.</summary>
    public bool TryGrow(BodyRoom room)
    {
        if (room.Pool is null)
        {
            room.Pool = this;
            rooms.Add(room);
        }

        if (!HasWaiting && TryTake(room))
            return true;
        waiting.Add(room);
        room.Granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Distribute();
        return room.Granted is null;
    }

    /// <returns>False where it had what it wanted already.</returns>
    public bool StopWaiting(BodyRoom room)
    {
        room.Granted = null;
        return waiting.Remove(room);
    }

    public void Leave(BodyRoom room)
    {
        StopWaiting(room);
        rooms.Remove(room);
        room.Pool = null;
        Add(room, -room.Bytes);
        room.HasWhole = false;
        if (first == room)
            first = null;
    }

    /// <summary>Gives what is free to those who wait, and has slow bodies give way for the others.</summary>
    public void Distribute()
    {
        if (!HasWaiting)
            return;
        if (takenAsTheyCome <= mostAsTheyCome)
            first = null; // whichever it was, the last bytes are free again

        // Whose network has the least is next; within a network, who came first.
        var inLine = waiting.OrderBy(room => takenByNetwork.GetValueOrDefault(room.Network)).ThenBy(room => room.Number).ToList();
        inLine.RemoveAll(TryGrant);
        if (inLine.Count > 0)
            GiveWayTo(inLine);
    }

    private bool TryGrant(BodyRoom room)
    {
        if (!TryTake(room))
            return false;
        var granted = room.Granted!;
        StopWaiting(room);
        granted.SetResult();
        return true;
    }

    private bool TryTake(BodyRoom room)
    {
        if (TryTakeWhole(room))
            return true;
        var more = room.Wanted - room.Bytes;
        if (first != room && !(FitsPool(more) && FitsNetwork(room.Network, more)))
        {
            if (first is not null)
                return false;
            first = room;
        }

        Add(room, more);
        return true;
    }

    private bool TryTakeWhole(BodyRoom room)
    {
        if (room.Whole == 0 || first == room || takenAtOnce + room.Whole > mostAtOnce)
            return false;
        Add(room, -room.Bytes);
        room.HasWhole = true;
        Add(room, room.Whole);
        return true;
    }

    /// <summary>Ends slow bodies until those in line will have room: those of the same network where its share is what lacks, else any.</summary>
    private void GiveWayTo(List<BodyRoom> inLine)
    {
        var slow = rooms.Where(room => room.IsSlow() && !room.HasGivenWay && room.Bytes > 0)
            .OrderByDescending(room => takenByNetwork[room.Network]).ToList();
        var leaving = rooms.Where(room => room.HasGivenWay).Sum(room => (long)room.Bytes);
        foreach (var room in inLine)
        {
            var more = room.Wanted - room.Bytes;
            var isAnyInTheWay = !FitsPool(more);
            while (leaving < more && slow.Find(other => isAnyInTheWay || other.Network == room.Network || other == first) is { } other)
            {
                slow.Remove(other);
                other.GiveWay();
                leaving += other.Bytes;
            }

            leaving = Math.Max(0, leaving - more);
        }
    }

    private bool FitsPool(long more) => takenAsTheyCome + more <= mostAsTheyCome;

    private bool FitsNetwork(ClientNetwork network, long more) => takenByNetwork.GetValueOrDefault(network) + more <= mostOfNetwork;

    private void Add(BodyRoom room, long more)
    {
        if (room.HasWhole)
            takenAtOnce += more;
        else
            takenAsTheyCome += more;
        room.Bytes += (int)more;
        var ofNetwork = takenByNetwork.GetValueOrDefault(room.Network) + more;
        if (ofNetwork == 0)
            takenByNetwork.Remove(room.Network);
        else
            takenByNetwork[room.Network] = ofNetwork;
    }
}
