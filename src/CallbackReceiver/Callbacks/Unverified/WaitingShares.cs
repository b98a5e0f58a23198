namespace CallbackReceiver.Callbacks.Unverified;

/// <summary>Counts what waits of each party, in pieces and bytes, and bounds both. One piece may be longer than the bound where its party has none.</summary>
internal sealed class WaitingShares<TParty>(int mostPieces, long mostBytes)
    where TParty : notnull
{
    private readonly Lock sync = new();
    private readonly Dictionary<TParty, (int Pieces, long Bytes)> waiting = [];

    public bool TryAdd(TParty party, int bytes)
    {
        lock (sync)
        {
            var its = waiting.GetValueOrDefault(party);
            if (its.Pieces > 0 && (its.Pieces >= mostPieces || its.Bytes + bytes > mostBytes))
                return false;
            waiting[party] = (its.Pieces + 1, its.Bytes + bytes);
            return true;
        }
    }

    public void Remove(TParty party, int bytes)
    {
        lock (sync)
        {
            var (pieces, total) = waiting[party];
            if (pieces == 1)
                waiting.Remove(party);
            else
                waiting[party] = (pieces - 1, total - bytes);
        }
    }
}
