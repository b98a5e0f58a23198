using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using CallbackReceiver.Access;

namespace CallbackReceiver.Tests.Access;

/// <summary>A wrong setting of what opens the query API stops the start, with its key and the fix.</summary>
public sealed class JwtOptionsTests
{
    private static readonly string PrivateKey = CreatePem(rsa => rsa.ExportPkcs8PrivateKeyPem(), 2048);
    private static readonly string ShortKey = CreatePem(rsa => rsa.ExportSubjectPublicKeyInfoPem(), 1024);

    [Fact]
    public void Nothing_is_configured_and_nothing_is_wrong_by_default()
    {
        Assert.False(new JwtOptions().IsConfigured);
        Assert.Empty(ErrorsOf(new JwtOptions()));
        Assert.Empty(ErrorsOf(new DashboardOptions()));
    }

    [Theory]
    [InlineData("https://login.example.com", true)]
    [InlineData("http://127.0.0.1:5000", true)]
    [InlineData("http://login.example.com", false)]
    [InlineData("login.example.com", false)]
    [InlineData("file:///etc/keys", false)]
    public void An_issuer_is_reached_by_https_or_on_this_machine(string authority, bool isGood)
    {
        var errors = ErrorsOf(new JwtOptions { Authority = authority, Audience = "calls" });

        Assert.Equal(isGood ? [] : ["Jwt:Authority: give an https URL; for http inside a closed network set Jwt:RequireHttps to false."], errors);
        Assert.Equal(authority.StartsWith("http", StringComparison.Ordinal), ErrorsOf(new JwtOptions { Authority = authority, Audience = "calls", RequireHttps = false }).Count == 0);
    }

    [Fact]
    public void What_is_missing_is_told_by_its_key()
    {
        Assert.StartsWith("Jwt:Audience: ", Assert.Single(ErrorsOf(new JwtOptions { Authority = "https://login.example.com" })), StringComparison.Ordinal);
        Assert.StartsWith("Jwt:Authority: ", Assert.Single(ErrorsOf(new JwtOptions { Audience = "calls" })), StringComparison.Ordinal);
        Assert.StartsWith("Jwt:ScopesClaim: ", Assert.Single(ErrorsOf(new JwtOptions { Authority = "https://login.example.com", Audience = "calls", ScopesClaim = "" })), StringComparison.Ordinal);
        Assert.Equal(
            ["Jwt:Issuer", "Jwt:SigningKeys:0", "Jwt:SigningKeys:1", "Jwt:SigningKeys:2"],
            ErrorsOf(new JwtOptions { Audience = "calls", SigningKeys = ["no PEM", PrivateKey, ShortKey] }).Select(error => error[..error.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void No_message_holds_a_key() =>
        Assert.All(ErrorsOf(new JwtOptions { Audience = "calls", SigningKeys = [PrivateKey] }), error => Assert.DoesNotContain(PrivateKey.Split('\n')[1], error, StringComparison.Ordinal));

    [Theory]
    [InlineData("https://dashboards.example.com", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://Dashboards.example.com", true)]
    [InlineData("https://dashboards.example.com/", false)]
    [InlineData("https://dashboards.example.com/calls", false)]
    [InlineData("https://*.example.com", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    [InlineData("null", false)]
    [InlineData("dashboards.example.com", false)]
    [InlineData("https://user@dashboards.example.com", false)]
    public void A_dashboard_is_an_origin_and_nothing_wider(string origin, bool isGood)
    {
        var errors = ErrorsOf(new DashboardOptions { Origins = ["https://first.example.com", origin] });

        Assert.Equal(isGood ? [] : ["Cors:Origins:1: give an origin such as https://dashboards.example.com: scheme, host and port, no path and no wildcard."], errors);
    }

    private static List<string> ErrorsOf(object options)
    {
        var errors = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), errors, validateAllProperties: true);
        return [.. errors.Select(error => error.ErrorMessage!)];
    }

    private static string CreatePem(Func<RSA, string> export, int bits)
    {
        using var rsa = RSA.Create(bits);
        return export(rsa);
    }
}
