using System.Net;
using System.Threading.RateLimiting;
using CallbackReceiver.Access;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks.Unverified;

/// <summary>
/// Counts bad signatures per client address. Only a request that fails verification is ever limited: the vendor's good callbacks pass,
/// whatever else comes from the same address.
/// </summary>
internal sealed class FailureLimiter(IOptions<CallbackOptions> options) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<IPAddress> limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Value.BadSignaturesPerMinute,
            Window = Window,
        }));

    /// <summary>Counts a bad signature.</summary>
    /// <returns>False where the address has sent too many within the minute.</returns>
    public bool TryCount(IPAddress? address)
    {
        using var lease = limiter.AttemptAcquire(ClientNetwork.Of(address));
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}
