using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace CallbackReceiver.Access;

/// <summary>
/// What counts as one client where something is counted by address: an IPv4 address, or the /64 that an IPv6 client commands. A value, so
/// that counting a callback allocates nothing.
/// </summary>
internal readonly record struct ClientNetwork
{
    private readonly ulong prefix;
    private readonly AddressFamily family;

    private ClientNetwork(AddressFamily family, ulong prefix)
    {
        this.family = family;
        this.prefix = prefix;
    }

    /// <summary>An IPv4 address in its IPv6 form counts as the IPv4 address. Connections without an address are one client together.</summary>
    public static ClientNetwork Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out var length))
            return default;
        if (length == 4)
            return new ClientNetwork(AddressFamily.InterNetwork, BinaryPrimitives.ReadUInt32BigEndian(bytes));
        return address.IsIPv4MappedToIPv6
            ? new ClientNetwork(AddressFamily.InterNetwork, BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : new ClientNetwork(AddressFamily.InterNetworkV6, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
