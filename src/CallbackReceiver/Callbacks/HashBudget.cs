using System.Collections.Concurrent;
using CallbackReceiver.Access;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// How much may be hashed to verify the bodies of strangers: the length of a body times the keys it is tried with, charged before the
/// hashing and given back where a key made the signature. Each client network has a budget, beyond which it is refused. A budget that is not
/// used up pays for any one body, however much it goes into debt, so that the first callback of a network always is verified. Networks that
/// were verified before have no budget. All strangers have one together: beyond it they are hashed a few bodies at a time, as is whatever takes
/// long, so that processors are left to the others. They are not refused for it, since one of them may be Seasalt after a restart.
/// </summary>
internal sealed class HashBudget(IOptions<CallbackOptions> options, VerifiedSenders senders, TimeProvider time) : IDisposable
{
    private const int MostNetworks = 10_000;

    /// <summary>All strangers together have that many times what one network has.</summary>
    private const int NetworksInAll = 16;

    /// <summary>A few hundredths of a second's hashing.</summary>
    private const long MuchToHash = 32 * 1024 * 1024;

    private readonly ConcurrentDictionary<ClientNetwork, Account> accounts = new();
    private readonly Account ofAll = new(NetworksInAll * options.Value.StrangerHashBytesPerMinute, time);
    private readonly SemaphoreSlim longHashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Whether nothing of the network would be verified now.</summary>
    public bool IsUsedUp(ClientNetwork network) =>
        !senders.Include(network) && accounts.TryGetValue(network, out var account) && account.IsUsedUp;

    /// <summary>Charges what is about to be hashed.</summary>
    /// <returns>False where the network's budget is used up.</returns>
    public bool TryCharge(ClientNetwork network, long bytes)
    {
        if (senders.Include(network))
            return true;
        if (!AccountOf(network).TryCharge(bytes))
            return false;
        ofAll.TryCharge(bytes);
        return true;
    }

    /// <summary>Notes that what was charged has been verified: the network is no stranger any more.</summary>
    public void Verified(ClientNetwork network, long bytes)
    {
        var wasStranger = !senders.Include(network);
        senders.Add(network);
        if (!wasStranger)
            return;
        ofAll.GiveBack(bytes);
        if (accounts.TryGetValue(network, out var account))
            account.GiveBack(bytes);
    }

    /// <summary>Waits for a turn, where much is to be hashed, now or for all strangers together.</summary>
    public async ValueTask<IDisposable?> TakeTurnAsync(ClientNetwork network, long bytes, CancellationToken cancellationToken)
    {
        if (bytes < MuchToHash && (!ofAll.IsUsedUp || senders.Include(network)))
            return null;
        await longHashing.WaitAsync(cancellationToken);
        return new Turn(longHashing);
    }

    public void Dispose() => longHashing.Dispose();

    /// <summary>Networks are without number: beyond the bound, those whose budget is whole are forgotten, and what is still too many is one party.</summary>
    private Account AccountOf(ClientNetwork network)
    {
        if (accounts.TryGetValue(network, out var known))
            return known;
        if (accounts.Count >= MostNetworks)
        {
            foreach (var (other, account) in accounts)
            {
                if (account.IsWhole)
                    accounts.TryRemove(other, out _);
            }

            if (accounts.Count >= MostNetworks)
                network = default;
        }

        return accounts.GetOrAdd(network, _ => new Account(options.Value.StrangerHashBytesPerMinute, time));
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }

    /// <summary>A budget that refills evenly, in a minute from nothing to the whole.</summary>
    private sealed class Account(long perMinute, TimeProvider time)
    {
        private readonly Lock sync = new();
        private double left = perMinute;
        private long at = time.GetTimestamp();

        public bool IsUsedUp
        {
            get
            {
                lock (sync)
                    return Refill() <= 0;
            }
        }

        public bool IsWhole
        {
            get
            {
                lock (sync)
                    return Refill() >= perMinute;
            }
        }

        public bool TryCharge(long bytes)
        {
            lock (sync)
            {
                if (Refill() <= 0)
                    return false;
                left -= bytes;
                return true;
            }
        }

        public void GiveBack(long bytes)
        {
            lock (sync)
                left = Math.Min(perMinute, Refill() + bytes);
        }

        private double Refill()
        {
            var now = time.GetTimestamp();
            left = Math.Min(perMinute, left + (perMinute * time.GetElapsedTime(at, now).TotalMinutes));
            at = now;
            return left;
        }
    }
}
