using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Query;
using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>Sends a call with a word of its own now and then, and searches for the word until the call is found.</summary>
internal sealed class SearchProbe(ReaderClient client, Target target) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseOfSearch = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient http = new() { BaseAddress = new Uri($"http://{target.Address}") };

    /// <summary>From the answer to a call until a search has found it.</summary>
    public LatencyHistogram Delays { get; } = new();

    /// <summary>How many calls were sent.</summary>
    public int Sent { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            await FindAsync(CancellationToken.None);
            if (Pause - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } rest)
                await Task.Delay(rest, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Sends one, and returns when it is found.</summary>
    public async Task FindAsync(CancellationToken cancellationToken)
    {
        var word = "zq" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        await SendAsync(word, cancellationToken);
        var sent = Stopwatch.GetTimestamp();
        while (!await IsFoundAsync(word, cancellationToken))
            await Task.Delay(PauseOfSearch, cancellationToken);
        Delays.Add(Stopwatch.GetElapsedTime(sent));
    }

    public void Dispose() => http.Dispose();

    private async Task SendAsync(string word, CancellationToken cancellationToken)
    {
        var body = Encoding.ASCII.GetBytes($$$"""{"event_name": "dashboard_analysis_finished", "workspace_id": "{{{target.WorkspaceId}}}", "meeting_id": "{{{word}}}", "payload": {"meeting_id": "{{{word}}}", "summary": "{{{word}}}"}}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/callbacks/{target.WorkspaceId}") { Content = new ByteArrayContent(body) };
        request.Headers.Add(Signature.HeaderName, target.Sign(body));
        using var answer = await http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        Sent++;
    }

    private async Task<bool> IsFoundAsync(string word, CancellationToken cancellationToken)
    {
        using var page = JsonDocument.Parse(await client.GetAsync($"/{target.WorkspaceId}/meetings?q={word}&limit=1", cancellationToken));
        return page.RootElement.GetProperty("items").GetArrayLength() == 1;
    }
}
