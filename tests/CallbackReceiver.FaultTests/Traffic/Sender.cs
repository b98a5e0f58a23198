using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using CallbackReceiver.Callbacks;
using CallbackReceiver.FaultTests.Machinery;

namespace CallbackReceiver.FaultTests.Traffic;

/// <summary>Sends callbacks at a steady rate, whatever becomes of them, to the replicas in turn, and records each answer.</summary>
internal sealed class Sender(IReadOnlyList<Uri> replicas, Workspace workspace, CallbackSource source, int perSecond) : IDisposable
{
    /// <summary>For an answer that never comes: the service answers within two seconds whatever is away, where the machine lets it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { Timeout = Limit };

    /// <summary>Sends until it is told to stop, and returns when every answer is there.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        var sendings = new List<Task>();
        using var timer = new PeriodicTimer(Tick);
        while (!stop.IsCancellationRequested)
        {
            while (sendings.Count < Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond)
                sendings.Add(SendAsync(source.Next(), replicas[sendings.Count % replicas.Count]));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(sendings);
    }

    public void Dispose() => http.Dispose();

    private async Task SendAsync(Callback callback, Uri replica)
    {
        var started = Stopwatch.GetTimestamp();
        var reply = await PostAsync(callback, replica);
        source.Answered(callback, reply with { After = Stopwatch.GetElapsedTime(started) });
    }

    private async Task<Reply> PostAsync(Callback callback, Uri replica)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(replica, $"/callbacks/{workspace.Id}")) { Content = new ByteArrayContent(callback.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(Signature.HeaderName, workspace.Sign(callback.Body));
        try
        {
            using var response = await http.SendAsync(request);
            return ReplyOf((int)response.StatusCode, await response.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return new Reply(ReplyKind.NotConnected, default);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return new Reply(ReplyKind.Broken, default, Text: exception.ToString());
        }
    }

    private static Reply ReplyOf(int status, string text)
    {
        if (status == 503)
            return new Reply(ReplyKind.Refused, default, Text: text);
        if (status is not (200 or 202))
            return new Reply(ReplyKind.Strange, default, Text: $"{status} {text}");
        var json = JsonElement.Parse(text);
        var kind = (status, json.GetProperty("outcome").GetString()) switch
        {
            (200, "stored") => ReplyKind.Stored,
            (200, "duplicate") => ReplyKind.Duplicate,
            (200, "ignored") => ReplyKind.Ignored,
            (202, "quarantined") => ReplyKind.Quarantined,
            (202, "spooled") => ReplyKind.Spooled,
            _ => ReplyKind.Strange,
        };
        int? revision = json.TryGetProperty("revision", out var number) ? number.GetInt32() : null;
        return new Reply(kind, default, json.GetProperty("delivery_id").GetGuid(), revision, $"{status} {text}");
    }
}
