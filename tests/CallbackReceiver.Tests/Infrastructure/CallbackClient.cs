using System.Net.Http.Headers;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Posts callbacks as Seasalt does.</summary>
internal sealed class CallbackClient(Uri address) : IDisposable
{
    public const string SignatureHeader = "X-Seasalt-Server-Signature";

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>The path of a workspace's URL; of the one URL for all where it is null.</summary>
    public static string PathOf(string? workspaceId) => workspaceId is null ? "/callbacks" : "/callbacks/" + Uri.EscapeDataString(workspaceId);

    /// <summary>Posts a body signed with the key.</summary>
    public Task<Answer> PostAsync(string? workspaceId, byte[] body, string key, Action<HttpRequestMessage>? configure = null) =>
        PostSignedAsync(workspaceId, body, CallbackBuilder.Sign(body, key), configure);

    /// <summary>Posts a body with the signature, or with none where it is null.</summary>
    public async Task<Answer> PostSignedAsync(string? workspaceId, byte[] body, string? signature, Action<HttpRequestMessage>? configure = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, PathOf(workspaceId)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (signature is not null)
            request.Headers.TryAddWithoutValidation(SignatureHeader, signature);
        configure?.Invoke(request);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    public async Task<Answer> GetAsync(string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    /// <summary>Sends a request without a body to the query API.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, string apiKey = Keys.ApiAll)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", apiKey) } };
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    public async Task<bool> IsReadyAsync() => (await GetAsync("/healthz/ready")).Status == 200;

    public void Dispose() => http.Dispose();
}
