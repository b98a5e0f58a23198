using System.Net;
using System.Net.Sockets;

namespace CallbackReceiver.FaultTests.Machinery;

/// <summary>
/// Ports that a server keeps over its restarts: below those that Linux gives to outgoing connections, one of which would sooner or later
/// sit on the port of a server that is away.
/// </summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int FirstOutgoing = 32_768;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    public static int Choose()
    {
        lock (Gate)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, FirstOutgoing);
                if (IsFree(port) && Given.Add(port))
                    return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
