using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>HTTP to the byte, for what an HTTP client would not send.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request and reads until the server closes the connection.</summary>
    /// <param name="address">The service.</param>
    /// <param name="path">The path.</param>
    /// <param name="headers">Header lines without Host, Connection and Content-Length.</param>
    /// <param name="body">The body.</param>
    /// <returns>The answer as it came, without its Date.</returns>
    public static async Task<string> PostAsync(Uri address, string path, IEnumerable<string> headers, byte[] body)
    {
        using var client = await ConnectAsync(address);
        var stream = client.GetStream();
        await stream.WriteAsync(Head(address, path, [.. headers, $"Content-Length: {body.Length}"]), TestContext.Current.CancellationToken);
        await stream.WriteAsync(body, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        return string.Join('\n', answer.Split("\r\n").Where(line => !line.StartsWith("Date:", StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Sends chunks without an end until the server closes the connection.</summary>
    /// <returns>The answer, and how many bytes could be sent.</returns>
    public static async Task<(string Answer, long Sent)> PostEndlesslyAsync(Uri address, string path, long most)
    {
        using var client = await ConnectAsync(address);
        var stream = client.GetStream();
        await stream.WriteAsync(Head(address, path, ["Transfer-Encoding: chunked"], close: false), TestContext.Current.CancellationToken);
        var answer = ReadUntilClosedAsync(stream);
        byte[] chunk = [.. "4000\r\n"u8, .. new byte[0x4000], .. "\r\n"u8];
        var sent = 0L;
        try
        {
            for (; sent < most; sent += chunk.Length)
                await stream.WriteAsync(chunk, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // The server has closed the connection, as it should.
        }

        return (await answer, sent);
    }

    /// <summary>Sends any request, to the byte, and reads until the server closes the connection.</summary>
    /// <param name="address">The service.</param>
    /// <param name="request">Its bytes, as characters up to U+00FF.</param>
    /// <param name="ending">What the client does after it has sent: by itself it waits for the answer.</param>
    /// <returns>The answer; empty where there was none.</returns>
    public static async Task<string> SendAsync(Uri address, string request, Ending ending = Ending.Waits)
    {
        using var client = await ConnectAsync(address);
        var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
            if (ending == Ending.Resets)
                client.LingerState = new LingerOption(true, 0);
            if (ending == Ending.ClosesHalf)
                client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The server has answered and closed before all was sent.
        }

        return ending is Ending.Resets or Ending.Closes ? "" : await ReadUntilClosedAsync(stream);
    }

    /// <summary>What a client does after it has sent.</summary>
    public enum Ending
    {
        Waits,
        ClosesHalf,
        Closes,
        Resets,
    }

    public static byte[] Head(Uri address, string path, IEnumerable<string> headers, bool close = true) => Encoding.UTF8.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\n{(close ? "Connection: close\r\n" : "")}{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");

    /// <param name="address">The service.</param>
    /// <param name="from">An address of this machine, to come from another client network than other connections; null for the usual one.</param>
    public static async Task<TcpClient> ConnectAsync(Uri address, string? from = null)
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from ?? "127.0.0.1"), 0)) { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task<string> ReadUntilClosedAsync(NetworkStream stream)
    {
        var answer = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
                answer.Write(buffer, 0, read);
        }
        catch (IOException)
        {
            // A reset closes as well.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
