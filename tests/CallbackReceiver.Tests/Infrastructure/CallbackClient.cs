using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Posts callbacks as Seasalt does.</summary>
internal sealed class CallbackClient(Uri address) : IDisposable
{
    public const string SignatureHeader = "X-Seasalt-Server-Signature";

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };

    public static string Sign(ReadOnlySpan<byte> body, string key) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(key), body));

    /// <summary>The path of a workspace's URL; of the one URL for all where it is null.</summary>
    public static string PathOf(string? workspaceId) => workspaceId is null ? "/callbacks" : "/callbacks/" + Uri.EscapeDataString(workspaceId);

    /// <summary>Posts a body signed with the key.</summary>
    public Task<Answer> PostAsync(string? workspaceId, byte[] body, string key, Action<HttpRequestMessage>? configure = null) =>
        PostSignedAsync(workspaceId, body, Sign(body, key), configure);

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

    public async Task<bool> IsReadyAsync() => (await GetAsync("/healthz/ready")).Status == HttpStatusCode.OK;

    public void Dispose() => http.Dispose();
}

/// <summary>An answer, whole.</summary>
internal sealed record Answer(HttpStatusCode Status, byte[] Body, string? ContentType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>Null where the answer is a problem.</summary>
    public string? Outcome => Json.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : null;

    public Guid DeliveryId => Json.GetProperty("delivery_id").GetGuid();

    public int Revision => Json.GetProperty("revision").GetInt32();

    /// <summary>The paths of the errors of a quarantined body.</summary>
    public IEnumerable<string> ErrorPaths => Json.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("path").GetString()!);

    public string? Text(string member) => Json.GetProperty(member).GetString();

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Date")
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value));
        return new Answer(response.StatusCode, body, response.Content.Headers.ContentType?.MediaType, headers);
    }

    public override string ToString() => $"{(int)Status} {Encoding.UTF8.GetString(Body)}";
}
