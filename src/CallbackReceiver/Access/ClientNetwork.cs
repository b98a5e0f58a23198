using System.Net;

namespace CallbackReceiver.Access;

/// <summary>What counts as one client where requests are counted by address.</summary>
internal static class ClientNetwork
{
    /// <summary>An IPv6 client commands a whole /64: that counts as one address.</summary>
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (bytes.Length == 16)
            bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
