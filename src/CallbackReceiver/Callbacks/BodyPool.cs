using CallbackReceiver.Access;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// A part of the <see cref="BodyMemory"/> with the bodies that are in it. Nobody takes the last bytes of it, as many as the longest body
/// needs, but the one body that is first in line: so there is always one that never waits for another's memory, which ends, or is ended
/// where its sender is slow, and then the next one is first. That is why half-read bodies that wait for each other never wait for ever.
/// Its owner's lock guards it.
/// </summary>
/// <param name="bytes">How much there is.</param>
/// <param name="longest">The most that one body needs.</param>
/// <param name="mostOfNetwork">The most that bodies of one client network take, the first in line not counted.</param>
internal sealed class BodyPool(long bytes, long longest, long mostOfNetwork)
{
    private readonly List<BodyRoom> rooms = [];
    private readonly List<BodyRoom> waiting = [];
    private readonly Dictionary<ClientNetwork, long> takenByNetwork = [];
    private long taken;
    private BodyRoom? first;

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
        if (first == room)
            first = null;
    }

    /// <summary>Gives what is free to those who wait, and has slow bodies give way for the others.</summary>
    public void Distribute()
    {
        if (!HasWaiting)
            return;
        if (taken <= bytes - longest)
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

    private bool FitsPool(long more) => taken + more <= bytes - longest;

    private bool FitsNetwork(ClientNetwork network, long more) => takenByNetwork.GetValueOrDefault(network) + more <= mostOfNetwork;

    private void Add(BodyRoom room, long more)
    {
        taken += more;
        room.Bytes += (int)more;
        var ofNetwork = takenByNetwork.GetValueOrDefault(room.Network) + more;
        if (ofNetwork == 0)
            takenByNetwork.Remove(room.Network);
        else
            takenByNetwork[room.Network] = ofNetwork;
    }
}
