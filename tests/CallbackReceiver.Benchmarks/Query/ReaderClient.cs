using System.Net.Http.Headers;
using CallbackReceiver.Benchmarks.Load;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>A dashboard: one connection, one request at a time, answers not compressed.</summary>
internal sealed class ReaderClient : IDisposable
{
    private const string Base = "/api/v1/workspaces";

    private const int LongestReason = 200;

    private readonly HttpClient client;

    public ReaderClient(Target target, string apiKey)
    {
        client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 })
        {
            BaseAddress = new Uri($"http://{target.Address}"),
            Timeout = TimeSpan.FromMinutes(2),
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    /// <param name="path">What follows the list of workspaces, such as <c>/ws/meetings?limit=1</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The whole body.</returns>
    /// <exception cref="HttpRequestException">The answer is no success.</exception>
    public async Task<byte[]> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(path, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <inheritdoc cref="GetAsync"/>
    /// <returns>The body while it comes.</returns>
    public async Task<HttpResponseMessage> StreamAsync(string path, CancellationToken cancellationToken) =>
        await SendAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public void Dispose() => client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string path, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var answer = await client.GetAsync(new Uri(Base + path, UriKind.Relative), completion, cancellationToken);
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
        {
            var reason = await answer.Content.ReadAsStringAsync(cancellationToken);
            throw new HttpRequestException($"{(int)answer.StatusCode} to GET {Base}{path}: {reason[..Math.Min(reason.Length, LongestReason)]}");
        }
    }
}
