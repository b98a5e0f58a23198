using System.Collections.Concurrent;

namespace CallbackReceiver.Access;

/// <summary>
/// The client networks that a signed callback came from within the last day. All others are strangers, for whom memory, connections and
/// processor time are bounded by network, so that room remains for those who have shown that they hold a key.
/// </summary>
internal sealed class VerifiedSenders(TimeProvider time)
{
    /// <summary>Longer than a night without calls.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    /// <summary>A network that sends all the time is noted no more often, so that callbacks do not write to the same memory.</summary>
    private static readonly TimeSpan NotedAgain = TimeSpan.FromMinutes(1);

    private const int MostNetworks = 10_000;

    private readonly ConcurrentDictionary<ClientNetwork, long> lastVerified = new();

    public bool Include(ClientNetwork network) => lastVerified.TryGetValue(network, out var last) && time.GetElapsedTime(last) < Remembered;

    /// <summary>Notes that a callback from the network was verified.</summary>
    public void Add(ClientNetwork network)
    {
        if (lastVerified.TryGetValue(network, out var last) && time.GetElapsedTime(last) < NotedAgain)
            return;
        if (last == 0 && lastVerified.Count >= MostNetworks)
            Forget();
        lastVerified[network] = time.GetTimestamp();
    }

    /// <summary>Makes room: whoever holds a key can send from any number of networks. All are learnt anew where none is old.</summary>
    private void Forget()
    {
        foreach (var (network, last) in lastVerified)
        {
            if (time.GetElapsedTime(last) >= Remembered)
                lastVerified.TryRemove(network, out _);
        }

        if (lastVerified.Count >= MostNetworks)
            lastVerified.Clear();
    }
}
