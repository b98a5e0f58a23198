using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CallbackReceiver.FaultTests.Machinery;

namespace CallbackReceiver.FaultTests.Faults;

/// <summary>Clients that take and give nothing back: what they hold must not be what callbacks need.</summary>
internal static class ClientFaults
{
    private const int Readers = 130;
    private const int Senders = 60;
    private const int ClaimedBytes = 8 * 1024 * 1024;

    /// <summary>Exports that are asked for, and of which not a byte is read.</summary>
    public static async Task ReadSlowlyAsync(Site site, Moments moments)
    {
        var request = $"GET /api/v1/workspaces/{site.Workspace.Id}/export HTTP/1.1\r\nHost: receiver\r\nAuthorization: Bearer {site.Workspace.ApiKey}\r\n\r\n";
        await HoldAsync(site, moments, Readers, _ => IPAddress.Loopback, (stream, stop) => stream.WriteAsync(Encoding.ASCII.GetBytes(request), stop).AsTask());
    }

    /// <summary>Large bodies without a good signature, a few bytes at a time, from several addresses.</summary>
    public static Task TrickleAsync(Site site, Moments moments) => HoldAsync(
        site, moments, Senders, number => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.0.0.{2 + number % 3}")), (stream, stop) => TrickleAsync(site, stream, stop));

    private static async Task TrickleAsync(Site site, NetworkStream stream, CancellationToken stop)
    {
        var head = $"POST /callbacks/{site.Workspace.Id} HTTP/1.1\r\nHost: receiver\r\nContent-Length: {ClaimedBytes}\r\nX-Seasalt-Server-Signature: {new string('0', 64)}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), stop);
        await stream.WriteAsync(new byte[100_000], stop);
        while (true)
        {
            await Task.Delay(100, stop);
            await stream.WriteAsync(new byte[200], stop);
        }
    }

    private static async Task HoldAsync(Site site, Moments moments, int count, Func<int, IPAddress> from, Func<NetworkStream, CancellationToken, Task> act)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(moments.CancellationToken);
        var holding = Enumerable.Range(0, count).Select(number => HoldOneAsync(site.Services[0].Address, from(number), act, stop.Token)).ToArray();
        await moments.PassAsync(1500, 3500);
        await stop.CancelAsync();
        await Task.WhenAll(holding);
    }

    /// <summary>A connection that is open until it is told to stop, or the service has enough of it.</summary>
    private static async Task HoldOneAsync(Uri address, IPAddress from, Func<NetworkStream, CancellationToken, Task> act, CancellationToken stop)
    {
        try
        {
            using var client = new TcpClient(new IPEndPoint(from, 0)) { ReceiveBufferSize = 4096 };
            await client.ConnectAsync(IPAddress.Loopback, address.Port, stop);
            await act(client.GetStream(), stop);
            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // Closed by the service, or stopped.
        }
    }
}
