using System.Net;
using System.Net.Sockets;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>What a start depends on beside its options; an input, so that tests can play another machine.</summary>
/// <param name="MayFetch">Whether programs may be fetched: not by root, with whose rights the network's archive would be unpacked.</param>
/// <param name="ChoosePort">Gives a TCP port to try next.</param>
internal sealed record StartConditions(bool MayFetch, Func<int> ChoosePort)
{
    public static StartConditions Current => new(!ServerAccount.IsRoot, FreeLoopbackPort);

    private static int FreeLoopbackPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
