using System.Threading.RateLimiting;
using CallbackReceiver.Access;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks.Unverified;

/// <summary>
/// Counts bad signatures per client network. Only a request that fails verification is ever limited: the vendor's good callbacks pass,
/// whatever else comes from the same network.
/// </summary>
internal sealed class FailureLimiter(IOptions<CallbackOptions> options) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<ClientNetwork> limiter = PartitionedRateLimiter.Create<ClientNetwork, ClientNetwork>(network =>
        RateLimitPartition.GetFixedWindowLimiter(network, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Value.BadSignaturesPerMinute,
            Window = Window,
        }));

    /// <summary>Counts a bad signature.</summary>
    /// <returns>False where the network has sent too many within the minute.</returns>
    public bool TryCount(ClientNetwork network)
    {
        using var lease = limiter.AttemptAcquire(network);
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}
