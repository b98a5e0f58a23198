using System.Net;
using System.Net.Sockets;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// The server's TCP port, known and kept from other programs before the server runs: the connection pools are made for it first. A socket
/// that is bound but does not listen holds it, and who connects meanwhile is refused at once.
/// </summary>
internal sealed class ReservedPort : IDisposable
{
    private const int PortsToTry = 10;

    private Socket? holder;

    private ReservedPort(int number, Socket holder)
    {
        Number = number;
        this.holder = holder;
    }

    public int Number { get; }

    /// <param name="choosePort">Gives a port to try; it can be taken between the choice and the use.</param>
    /// <param name="logger">Is told of ports that were taken.</param>
    /// <exception cref="EmbeddedPostgresException">All ports that were tried are taken.</exception>
    public static ReservedPort Take(Func<int> choosePort, ILogger logger)
    {
        for (var tries = 0; tries < PortsToTry; tries++)
        {
            var port = choosePort();
            if (TryBind(port) is { } socket)
                return new ReservedPort(port, socket);
            logger.PortTaken(port);
        }

        throw new EmbeddedPostgresException($"PostgreSQL found no free TCP port on {ServerAddress.Listen} in {PortsToTry} tries.");
    }

    /// <summary>
    /// Lets the server listen. Linux lets two sockets bind a port that allow it, as PostgreSQL's do, while only one listens: the port stays
    /// reserved, also for the server's restarts. Elsewhere it is free until the server has it.
    /// </summary>
    public void LetServerIn()
    {
        if (!OperatingSystem.IsLinux())
            Release();
    }

    /// <summary>Gives the port up: should the server still find it taken, another program has it.</summary>
    public void Release()
    {
        holder?.Dispose();
        holder = null;
    }

    /// <summary>Takes the port again while no server runs, if nobody else has it.</summary>
    public void TakeBack() => holder ??= TryBind(Number);

    public void Dispose() => Release();

    private static Socket? TryBind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (OperatingSystem.IsLinux())
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            else
                socket.ExclusiveAddressUse = true;
            socket.Bind(new IPEndPoint(IPAddress.Parse(ServerAddress.Listen), port));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
