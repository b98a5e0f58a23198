using System.Net;
using System.Threading.RateLimiting;
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
        using var lease = limiter.AttemptAcquire(Network(address ?? IPAddress.None));
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();

    /// <summary>An IPv6 client commands a whole /64: that counts as one address.</summary>
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (bytes.Length == 16)
            bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
