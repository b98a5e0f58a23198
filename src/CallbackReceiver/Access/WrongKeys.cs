using System.Collections.Concurrent;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Access;

/// <summary>
/// Counts wrong keys per client address, so that guessing is slow: once there were too many, a key from there is not let in even if it
/// is right, or the guesser would learn of it. A key that was used from there before still is: nobody else's guesses lock a dashboard
/// out, though all readers share an address behind a proxy.
/// </summary>
internal sealed class WrongKeys(IOptions<RateLimitOptions> options) : IDisposable
{
    private const int MostKnown = 10_000;

    private readonly ConcurrentDictionary<(ClientNetwork Network, string KeyName), bool> known = new();
    private int knownCount;

    private readonly PartitionedRateLimiter<ClientNetwork> limiter = PartitionedRateLimiter.Create<ClientNetwork, ClientNetwork>(network =>
        RateLimitPartition.GetFixedWindowLimiter(network, _ => ReaderLimit.PerMinute(options.Value.WrongKeysPerMinute)));

    /// <summary>Whether a right key may come in from an address; from then on it is known there.</summary>
    public bool MayEnter(IPAddress? address, string keyName)
    {
        var place = (ClientNetwork.Of(address), keyName);
        if (known.ContainsKey(place))
            return true;
        using var lease = limiter.AttemptAcquire(place.Item1, permitCount: 0);
        if (lease.IsAcquired)
            Remember(place);
        return lease.IsAcquired;
    }

    /// <summary>Counts a key that was not let in.</summary>
    /// <returns>What to answer.</returns>
    public IResult Refuse(HttpContext context, string challenge) =>
        Count(context) is { } seconds ? Problem.TooManyWrongKeys(seconds) : RefuseUncounted(context, challenge);

    /// <summary>Counts a key that was not let in.</summary>
    /// <returns>How many seconds to wait, where there were too many; else null.</returns>
    public int? Count(HttpContext context)
    {
        using var lease = limiter.AttemptAcquire(ClientNetwork.Of(context.Connection.RemoteIpAddress));
        return lease.IsAcquired ? null : ReaderLimit.Wait(lease);
    }

    /// <summary>The same for what is wrong and was not guessed.</summary>
    public static IResult RefuseUncounted(HttpContext context, string challenge)
    {
        context.Response.Headers.WWWAuthenticate = challenge;
        return Problem.Unauthorized();
    }

    public void Dispose() => limiter.Dispose();

    /// <summary>Bounded: when there are too many places, all are learnt anew.</summary>
    private void Remember((ClientNetwork Network, string KeyName) place)
    {
        if (Interlocked.Increment(ref knownCount) > MostKnown)
        {
            known.Clear();
            Interlocked.Exchange(ref knownCount, 1);
        }

        known.TryAdd(place, true);
    }
}
