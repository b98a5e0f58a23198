using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Access;

/// <summary>Readers who show a token of an issuer, beside those with an API key.</summary>
public sealed class JwtReaderTests(JwtReaderTests.Issued issued) : IClassFixture<JwtReaderTests.Issued>
{
    private const string Demo = "/api/v1/workspaces/demo/meetings";
    private const string Other = "/api/v1/workspaces/other/meetings";

    /// <summary>Tokens that must not let anybody in, each with what is wrong with it.</summary>
    private static readonly Dictionary<string, Func<Issuer, string>> WrongTokens = new()
    {
        ["another issuer"] = issuer => issuer.Token(claims => claims["iss"] = "https://issuer.example.com"),
        ["no issuer"] = issuer => issuer.Token(claims => claims.Remove("iss")),
        ["another audience"] = issuer => issuer.Token(claims => claims["aud"] = "another-service"),
        ["no audience"] = issuer => issuer.Token(claims => claims.Remove("aud")),
        ["expired"] = issuer => issuer.Token(claims => claims["exp"] = DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeSeconds()),
        ["never expires"] = issuer => issuer.Token(claims => claims.Remove("exp")),
        ["not valid yet"] = issuer => issuer.Token(claims => claims["nbf"] = DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeSeconds()),
        ["no subject"] = issuer => issuer.Token(claims => claims.Remove("sub")),
        ["a subject with a line break"] = issuer => issuer.Token(claims => claims["sub"] = "alice\nbob"),
        ["a subject with U+0000"] = issuer => issuer.Token(claims => claims["sub"] = "alice\0"),
        ["a subject without end"] = issuer => issuer.Token(claims => claims["sub"] = new string('a', 256)),
        ["no algorithm"] = issuer => issuer.Token(changeHeader: header => header["alg"] = "none", sign: _ => []),
        ["no algorithm, and a signature"] = issuer => issuer.Token(changeHeader: header => header["alg"] = "none"),
        ["HMAC with the public key in PEM"] = issuer => Hmac(issuer, Encoding.ASCII.GetBytes(issuer.Key.ExportSubjectPublicKeyInfoPem())),
        ["HMAC with the public key in DER"] = issuer => Hmac(issuer, issuer.Key.ExportSubjectPublicKeyInfo()),
        ["HMAC with the modulus"] = issuer => Hmac(issuer, issuer.Key.ExportParameters(false).Modulus!),
        ["another key of the same id"] = issuer => SignedByAnotherKey(issuer, null),
        ["another key in the header"] = issuer => SignedByAnotherKey(issuer, (header, key) => header["jwk"] = new JsonObject
        {
            ["kty"] = "RSA",
            ["n"] = System.Buffers.Text.Base64Url.EncodeToString(key.ExportParameters(false).Modulus!),
            ["e"] = "AQAB",
        }),
        ["no signature"] = issuer => issuer.Token(sign: _ => []),
        ["half a signature"] = issuer => issuer.Token(sign: bytes => issuer.Key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)[..128]),
        ["claims changed after the signing"] = issuer => string.Join('.', issuer.Token().Split('.')[0], issuer.Token(claims => claims["workspaces"] = "*").Split('.')[1], issuer.Token().Split('.')[2]),
        ["a type for another purpose"] = issuer => issuer.Token(changeHeader: header => header["typ"] = "logout+jwt"),
        ["the type of an id token"] = issuer => issuer.Token(changeHeader: header => header["typ"] = "application/id+jwt"),
        ["a type that is no text"] = issuer => issuer.Token(changeHeader: header => header["typ"] = 5),
        ["a type that is null"] = issuer => issuer.Token(changeHeader: header => header["typ"] = null),
        ["two types"] = issuer => Issuer.Compose(
            $"{{\"alg\":\"RS256\",\"typ\":\"logout+jwt\",\"kid\":\"{issuer.KeyId}\",\"typ\":\"JWT\"}}", Claims(issuer), bytes => issuer.Key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ["an extension that must be understood"] = issuer => issuer.Token(changeHeader: header => (header["crit"], header["exp"]) = (new JsonArray("exp"), 1)),
        ["an unencoded payload"] = issuer => issuer.Token(changeHeader: header => (header["crit"], header["b64"]) = (new JsonArray("b64"), false)),
        ["no critical extension, listed"] = issuer => issuer.Token(changeHeader: header => header["crit"] = new JsonArray()),
        ["critical extensions that are no list"] = issuer => issuer.Token(changeHeader: header => header["crit"] = null),
        ["no JSON"] = _ => "eyJ.eyJ.AAAA",
        ["no base64"] = _ => "eyJ***.***.***",
        ["half a surrogate pair"] = issuer => Issuer.Compose(
            "{\"alg\":\"RS256\",\"kid\":\"\\ud83d\"}", "{\"sub\":\"\\ud83d\"}", bytes => issuer.Key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ["numbers for texts"] = issuer => issuer.Token(claims => (claims["iss"], claims["aud"], claims["exp"]) = (1, 2, "soon")),
    };

    public static TheoryData<string> Wrong => [.. WrongTokens.Keys];

    private ReceiverProcess Service => issued.Service;

    private Issuer Issuer => issued.Issuer;

    [Fact]
    public async Task A_token_sees_the_workspaces_that_it_claims_and_no_other()
    {
        var one = Issuer.Token(claims => claims["workspaces"] = "demo");
        var several = Issuer.Token(claims => claims["workspaces"] = new JsonArray("demo", "other"));
        var all = Issuer.Token(claims => claims["workspaces"] = new JsonArray("*"));

        Assert.Equal((200, 404), (await StatusAsync(Demo, one), await StatusAsync(Other, one)));
        Assert.Equal((200, 200), (await StatusAsync(Demo, several), await StatusAsync(Other, several)));
        Assert.Equal((200, 200), (await StatusAsync(Demo, all), await StatusAsync(Other, all)));
        Assert.Equal(["demo"], await WorkspacesAsync(one));
        Assert.Equal(["demo", "other"], await WorkspacesAsync(all));
    }

    [Fact]
    public async Task A_token_that_claims_no_workspace_sees_nothing()
    {
        foreach (var token in new[]
        {
            Issuer.Token(claims => claims.Remove("workspaces")),
            Issuer.Token(claims => claims["workspaces"] = new JsonArray()),
            Issuer.Token(claims => claims["workspaces"] = null),
            Issuer.Token(claims => claims["workspaces"] = new JsonObject { ["demo"] = true }),
            Issuer.Token(claims => claims["workspaces"] = new JsonArray("de\0mo", "demo other")),
        })
        {
            Assert.Equal(404, await StatusAsync(Demo, token));
            Assert.Empty(await WorkspacesAsync(token));
        }
    }

    [Fact]
    public async Task A_token_does_what_its_scopes_allow()
    {
        await Service.PostAsync("demo", new CallbackBuilder("scoped").Build());
        var none = Issuer.Token(claims => claims.Remove("scope"));
        var other = Issuer.Token(claims => claims["scope"] = "openid Read reader");
        var read = Issuer.Token(claims => claims["scope"] = new JsonArray("openid", "read"));
        var manage = Issuer.Token(claims => claims["scope"] = "read manage");

        Assert.Equal((403, 403, 200), (await StatusAsync(Demo, none), await StatusAsync(Demo, other), await StatusAsync(Demo, read)));
        Assert.Equal(403, (await Service.RequestAsync(HttpMethod.Delete, Demo + "/scoped", read)).Status);
        Assert.Equal(204, (await Service.RequestAsync(HttpMethod.Delete, Demo + "/scoped", manage)).Status);
        Assert.Equal("jwt:alice", Assert.Single(await issued.Receiver.QueryAsync("SELECT actor FROM audit WHERE action = 'erase' AND subject = 'scoped'"))[0]);
    }

    [Fact]
    public async Task Api_keys_go_on_beside_tokens()
    {
        Assert.Equal((200, 404), (await StatusAsync(Demo, Keys.ApiDemo), await StatusAsync(Other, Keys.ApiDemo)));
        Assert.Equal("Bearer", (await Service.GetAsync(Demo, "wrong-key")).Headers["WWW-Authenticate"]);
        Assert.Equal("Bearer", (await Service.GetAsync(Demo, null)).Headers["WWW-Authenticate"]);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_token_answers_401_and_not_why(string what)
    {
        var answer = await Service.GetAsync(Demo, WrongTokens[what](Issuer));

        Assert.Equal((401, "application/problem+json", "Bearer error=\"invalid_token\""), (answer.Status, answer.ContentType, answer.Headers["WWW-Authenticate"]));
        Assert.Equal((await Service.GetAsync(Demo, null)).Body, answer.Body);
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("jwt")]
    [InlineData("at+jwt")]
    [InlineData("AT+JWT")]
    [InlineData("application/at+jwt")]
    [InlineData(null)]
    public async Task A_token_for_access_or_of_no_type_lets_its_reader_in(string? type)
    {
        var token = Issuer.Token(changeHeader: header =>
        {
            header.Remove("typ");
            if (type is not null)
                header["typ"] = type;
        });

        Assert.Equal(200, await StatusAsync(Demo, token));
    }

    [Fact]
    public async Task What_the_issuer_signed_counts_as_no_guess_and_what_it_did_not_sign_does()
    {
        await using var service = await issued.Receiver.StartAsync(
            ("Jwt:Authority", Issuer.Address), ("Jwt:Audience", Issuer.Audience), ("RateLimit:WrongKeysPerMinute", "3"));
        string[] signed = ["expired", "not valid yet", "never expires", "another audience", "a type for another purpose", "an extension that must be understood", "no subject"];

        foreach (var what in signed)
            Assert.Equal((what, 401), (what, (await service.GetAsync(Demo, WrongTokens[what](Issuer))).Status));
        Assert.Equal(200, (await service.GetAsync(Demo, Keys.ApiDemo)).Status);
        var guesses = new List<int>();
        for (var n = 0; n < 5; n++)
            guesses.Add((await service.GetAsync(Demo, ExpiredAndSignedByAnotherKey(Issuer))).Status);

        Assert.Equal([401, 401, 401, 429, 429], guesses);
        Assert.Equal(401, (await service.GetAsync(Demo, WrongTokens["expired"](Issuer))).Status);
        Assert.Equal(200, (await service.GetAsync(Demo, Issuer.Token())).Status);
    }

    [Fact]
    public async Task A_new_key_of_the_issuer_is_found_and_the_one_before_is_forgotten()
    {
        var old = Issuer.Token();
        Assert.Equal(200, await StatusAsync(Demo, old));

        Issuer.Rotate();

        await Eventually.HoldsAsync(async () => await StatusAsync(Demo, Issuer.Token()) == 200);
        await Eventually.HoldsAsync(async () => await StatusAsync(Demo, old) == 401);
    }

    [Fact]
    public async Task While_the_issuer_is_away_a_token_answers_503_and_api_keys_go_on()
    {
        await using var issuer = await Issuer.StartAsync();
        issuer.IsAway = true;
        await using var service = await issued.Receiver.StartAsync(("Jwt:Authority", issuer.Address), ("Jwt:Audience", Issuer.Audience));

        var away = await service.GetAsync(Demo, issuer.Token());
        Assert.Equal((503, "urn:callback-receiver:problem:issuer-away"), (away.Status, away["type"]));
        Assert.True(int.Parse(away.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Equal(200, (await service.GetAsync(Demo, Keys.ApiDemo)).Status);

        issuer.IsAway = false;
        await Eventually.HoldsAsync(async () => (await service.GetAsync(Demo, issuer.Token())).Status == 200);
    }

    [Fact]
    public async Task In_a_closed_network_the_keys_and_the_names_of_the_claims_are_configured()
    {
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        await using var issuer = await Issuer.StartAsync();
        issuer.IsAway = true;
        await using var service = await issued.Receiver.StartAsync(
            ("Jwt:Issuer", "https://issuer.internal"),
            ("Jwt:Audience", Issuer.Audience),
            ("Jwt:SigningKeys:0", curve.ExportSubjectPublicKeyInfoPem()),
            ("Jwt:SigningKeys:1", issuer.Key.ExportSubjectPublicKeyInfoPem()),
            ("Jwt:WorkspacesClaim", "https://claims.example.com/calls"),
            ("Jwt:ScopesClaim", "scp"));

        var byCurve = issuer.Token(Claim, header => header["alg"] = "ES256", bytes => curve.SignData(bytes, HashAlgorithmName.SHA256));
        var byRsa = issuer.Token(Claim);
        var byNobody = issuer.Token(Claim, sign: bytes => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

        Assert.Equal(200, (await service.GetAsync(Demo, byCurve)).Status);
        Assert.Equal(200, (await service.GetAsync(Demo, byRsa)).Status);
        Assert.Equal(401, (await service.GetAsync(Demo, byNobody)).Status);

        static void Claim(JsonObject claims)
        {
            claims["iss"] = "https://issuer.internal";
            claims["https://claims.example.com/calls"] = new JsonArray("demo");
            claims["scp"] = "read";
            claims.Remove("workspaces");
            claims.Remove("scope");
        }
    }

    [Fact]
    public async Task Without_an_issuer_a_token_is_a_wrong_api_key()
    {
        var answer = await issued.Receiver.Service.GetAsync(Demo, Issuer.Token());

        Assert.Equal((401, "Bearer"), (answer.Status, answer.Headers["WWW-Authenticate"]));
    }

    private async Task<int> StatusAsync(string path, string token) => (await Service.GetAsync(path, token)).Status;

    private async Task<List<string>> WorkspacesAsync(string token) =>
        [.. (await Service.GetAsync("/api/v1/workspaces", token)).Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("workspace_id").GetString()!)];

    private static string Hmac(Issuer issuer, byte[] key) => issuer.Token(changeHeader: header => header["alg"] = "HS256", sign: bytes => HMACSHA256.HashData(key, bytes));

    private static string Claims(Issuer issuer) =>
        Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(issuer.Token().Split('.')[1]));

    private static string ExpiredAndSignedByAnotherKey(Issuer issuer)
    {
        using var key = RSA.Create(2048);
        return issuer.Token(
            claims => claims["exp"] = DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeSeconds(), sign: bytes => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static string SignedByAnotherKey(Issuer issuer, Action<JsonObject, RSA>? changeHeader)
    {
        using var key = RSA.Create(2048);
        return issuer.Token(changeHeader: header => changeHeader?.Invoke(header, key), sign: bytes => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>An issuer, and a service that takes its tokens.</summary>
    public sealed class Issued(PostgresServer server) : IAsyncLifetime
    {
        public Receiver Receiver { get; } = new(server);

        public Issuer Issuer { get; private set; } = null!;

        public ReceiverProcess Service { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await Receiver.InitializeAsync();
            Issuer = await Issuer.StartAsync();
            Service = await Receiver.StartAsync(("Jwt:Authority", Issuer.Address), ("Jwt:Audience", Issuer.Audience));
        }

        public async ValueTask DisposeAsync()
        {
            await Service.DisposeAsync();
            await Issuer.DisposeAsync();
            await Receiver.DisposeAsync();
        }
    }
}
