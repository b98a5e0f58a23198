using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>An OIDC issuer with its discovery document and keys on a port of this machine. It makes tokens by hand, wrong ones too.</summary>
public sealed class Issuer : IAsyncDisposable
{
    public const string Audience = "callback-receiver";

    private readonly WebApplication app;

    private Issuer(WebApplication app) => this.app = app;

    /// <summary>The key that tokens are signed with, the only one that the issuer tells of.</summary>
    public RSA Key { get; private set; } = RSA.Create(2048);

    public string KeyId { get; private set; } = "first";

    /// <summary>True while the issuer answers nothing but 503.</summary>
    public bool IsAway { get; set; }

    public string Address => app.Urls.Single();

    public static async Task<Issuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var issuer = new Issuer(app);
        app.MapGet("/.well-known/openid-configuration", () => issuer.Answer(new JsonObject { ["issuer"] = issuer.Address, ["jwks_uri"] = issuer.Address + "/keys" }));
        app.MapGet("/keys", () => issuer.Answer(new JsonObject { ["keys"] = new JsonArray(issuer.PublicJwk()) }));
        await app.StartAsync();
        return issuer;
    }

    /// <summary>Signs with another key from now on, and withdraws the one before.</summary>
    public void Rotate() => (Key, KeyId) = (RSA.Create(2048), KeyId + " rotated");

    /// <summary>A good token of a reader of the workspace demo, after a change.</summary>
    public string Token(Action<JsonObject>? change = null, Action<JsonObject>? changeHeader = null, Func<byte[], byte[]>? sign = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "at+jwt", ["kid"] = KeyId };
        var claims = new JsonObject
        {
            ["iss"] = Address,
            ["aud"] = Audience,
            ["sub"] = "alice",
            ["iat"] = now,
            ["exp"] = now + 3600,
            ["scope"] = "openid read",
            ["workspaces"] = new JsonArray("demo"),
        };
        change?.Invoke(claims);
        changeHeader?.Invoke(header);
        return Compose(header.ToJsonString(), claims.ToJsonString(), sign ?? (bytes => Key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    public static string Compose(string header, string claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Encode(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public JsonObject PublicJwk()
    {
        var key = Key.ExportParameters(includePrivateParameters: false);
        return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = KeyId, ["n"] = Encode(key.Modulus!), ["e"] = Encode(key.Exponent!) };
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private IResult Answer(JsonNode document) =>
        IsAway ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Results.Text(document.ToJsonString(), "application/json");

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
