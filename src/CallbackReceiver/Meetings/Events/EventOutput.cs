using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace CallbackReceiver.Meetings.Events;

/// <summary>
/// Writes Server-Sent Events in pieces that the web server takes only as fast as the listener reads: events that many listeners share are
/// not copied for each.
/// </summary>
internal sealed class EventOutput(HttpContext http, TimeProvider time)
{
    private const int PieceBytes = 32 * 1024;

    /// <summary>For a piece, in the machine's time. Who does not read for that long is cut off.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly ReadOnlyMemory<byte> Nothing = "{}"u8.ToArray();

    private long lastWrite = time.GetTimestamp();

    /// <summary>For how long nothing was written.</summary>
    public TimeSpan Silence => time.GetElapsedTime(lastWrite);

    public void SendHeaders()
    {
        http.Response.ContentType = EventsApi.ContentType;
        http.Response.Headers.CacheControl = "no-cache,no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back
        http.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
    }

    public Task WriteAsync(string type, long id) => WriteAsync(type, id, Nothing, CancellationToken.None);

    /// <exception cref="OperationCanceledException">The listener has gone, is cut off, or is too slow.</exception>
    public async Task WriteAsync(string type, long id, ReadOnlyMemory<byte> data, CancellationToken cut)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, cut);
        await WritePieceAsync(Encoding.UTF8.GetBytes($"event: {type}\ndata: "), limit);
        for (; data.Length > PieceBytes; data = data[PieceBytes..])
            await WritePieceAsync(data[..PieceBytes], limit);
        await WritePieceAsync(data, limit);
        await WritePieceAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\nid: {id}\n\n")), limit);
        await http.Response.Body.FlushAsync(limit.Token);
        lastWrite = time.GetTimestamp();
    }

    private async Task WritePieceAsync(ReadOnlyMemory<byte> piece, CancellationTokenSource limit)
    {
        limit.CancelAfter(Patience);
        await http.Response.Body.WriteAsync(piece, limit.Token);
    }
}
