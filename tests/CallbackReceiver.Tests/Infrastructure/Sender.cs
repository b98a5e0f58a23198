using System.Net;
using System.Net.Sockets;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Sends whole callbacks from one client network: an address of this machine, such as 127.0.0.7.</summary>
internal sealed class Sender : IDisposable
{
    private readonly HttpClient http;

    /// <param name="service">Where to.</param>
    /// <param name="address">Where from.</param>
    /// <param name="keepsAlive">Whether a connection is used again.</param>
    public Sender(Uri service, string address, bool keepsAlive = false)
    {
        http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = service,
            Timeout = TimeSpan.FromMinutes(2),
            DefaultRequestHeaders = { ConnectionClose = !keepsAlive },
        };
    }

    /// <summary>Posts a body with that signature, or without any.</summary>
    public async Task<Answer> PostAsync(string? workspaceId, byte[] body, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, CallbackClient.PathOf(workspaceId)) { Content = new ByteArrayContent(body) };
        if (signature is not null)
            request.Headers.TryAddWithoutValidation(CallbackClient.SignatureHeader, signature);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    /// <summary>Posts a callback of the workspace <c>demo</c>, signed.</summary>
    public Task<Answer> PostAsync(CallbackBuilder callback)
    {
        var body = callback.Build();
        return PostAsync(Workspaces.Demo, body, CallbackBuilder.Sign(body, Keys.Demo));
    }

    /// <summary>Posts one that must be taken. On a busy machine PostgreSQL may be late: then it is spooled.</summary>
    public async Task PostTakenAsync(CallbackBuilder callback)
    {
        var answer = await PostAsync(callback);
        Assert.True(answer.Outcome is "stored" or "spooled", answer.ToString());
    }

    public void Dispose() => http.Dispose();
}
