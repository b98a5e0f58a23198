using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;

namespace CallbackReceiver.Operations;

/// <summary>The OpenAPI document as bytes: it is the same for every request of a process, so that it is generated once, for whoever asks first.</summary>
internal sealed class SwaggerDocument(IAsyncSwaggerProvider provider, string version)
{
    private readonly Lock sync = new();
    private Task<Generated>? generating;

    public async Task<IResult> AnswerAsync()
    {
        var document = await GenerateOnceAsync();
        return TypedResults.Bytes(document.Json, "application/json;charset=utf-8", entityTag: document.Tag);
    }

    private Task<Generated> GenerateOnceAsync()
    {
        lock (sync)
        {
            if (generating is null or { IsFaulted: true })
                generating = Task.Run(GenerateAsync);
            return generating;
        }
    }

    private async Task<Generated> GenerateAsync()
    {
        var document = await provider.GetSwaggerAsync(version);
        var json = Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1));
        return new Generated(json, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 8))}\""));
    }

    private sealed record Generated(byte[] Json, EntityTagHeaderValue Tag);
}
