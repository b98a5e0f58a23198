using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A way to PostgreSQL that can be cut, or can go silent, and be mended.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly IPEndPoint target;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly List<TcpClient> open = [];
    private readonly Task accepting;
    private TaskCompletionSource flowing = Flowing();
    private volatile bool isCut;

    private TcpProxy(IPEndPoint target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Starts a proxy to a database.</summary>
    public static async Task<(TcpProxy Proxy, string ConnectionString)> StartAsync(string connectionString)
    {
        var direct = new NpgsqlConnectionStringBuilder(connectionString);
        var address = (await Dns.GetHostAddressesAsync(direct.Host!)).First(address => address.AddressFamily == AddressFamily.InterNetwork);
        var proxy = new TcpProxy(new IPEndPoint(address, direct.Port));
        direct.Host = IPAddress.Loopback.ToString();
        direct.Port = ((IPEndPoint)proxy.listener.LocalEndpoint).Port;
        return (proxy, direct.ConnectionString);
    }

    /// <summary>Closes every connection, and each new one.</summary>
    public void Cut()
    {
        isCut = true;
        CloseAll();
    }

    /// <summary>Keeps every connection open, and passes nothing on.</summary>
    public void Silence()
    {
        lock (gate)
        {
            if (flowing.Task.IsCompleted)
                flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Mend()
    {
        isCut = false;
        lock (gate)
            flowing.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        CloseAll();
        await accepting;
        stopping.Dispose();
    }

    private static TaskCompletionSource Flowing()
    {
        var flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        flowing.SetResult();
        return flowing;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            lock (gate)
                open.AddRange([client, server]);
            try
            {
                if (isCut)
                    return;
                client.NoDelay = true;
                await server.ConnectAsync(target, stopping.Token);
                await Task.WhenAny(PassAsync(client.GetStream(), server.GetStream()), PassAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
            {
                // Cut.
            }
            finally
            {
                lock (gate)
                    open.RemoveAll(socket => socket == client || socket == server);
            }
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, stopping.Token) is > 0 and var read)
        {
            Task mended;
            lock (gate)
                mended = flowing.Task;
            await mended.WaitAsync(stopping.Token);
            await to.WriteAsync(buffer.AsMemory(0, read), stopping.Token);
        }
    }

    private void CloseAll()
    {
        lock (gate)
        {
            foreach (var socket in open)
                socket.Dispose();
        }
    }
}
