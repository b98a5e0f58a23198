using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Access;

/// <summary>The section <c>Jwt</c>: an OIDC issuer whose tokens are taken beside the API keys. Nothing is, unless it is configured.</summary>
internal sealed class JwtOptions : IValidatableObject
{
    public const string Section = "Jwt";

    /// <summary>The issuer's URL; its keys are found by <c>/.well-known/openid-configuration</c> below it.</summary>
    public string Authority { get; set; } = "";

    /// <summary>Where the issuer's OIDC metadata is, if not in the usual place.</summary>
    public string MetadataAddress { get; set; } = "";

    /// <summary>What <c>iss</c> must be. Empty: what the metadata says, or <see cref="Authority"/>.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>What <c>aud</c> must hold.</summary>
    public string Audience { get; set; } = "";

    /// <summary>The issuer's public keys in PEM, where its metadata cannot be reached: then nothing is fetched.</summary>
    public List<string> SigningKeys { get; set; } = [];

    /// <summary>The claim that lists the workspaces that the reader may see; <c>*</c> in it is all.</summary>
    public string WorkspacesClaim { get; set; } = "workspaces";

    /// <summary>The claim that lists the reader's scopes, separated by spaces or as an array.</summary>
    public string ScopesClaim { get; set; } = "scope";

    /// <summary>False where the issuer is reached by plain HTTP inside a closed network.</summary>
    public bool RequireHttps { get; set; } = true;

    public bool IsConfigured => Authority.Length > 0 || MetadataAddress.Length > 0 || SigningKeys.Count > 0;

    /// <summary>What <c>iss</c> must be where it is not the metadata that says so; empty where it does.</summary>
    public string ExpectedIssuer => Issuer.Length > 0 || SigningKeys.Count == 0 ? Issuer : Authority;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsConfigured)
        {
            if (Audience.Length > 0 || Issuer.Length > 0)
                yield return new ValidationResult("Jwt:Authority: give the issuer's URL, or take away the other Jwt settings.");
            yield break;
        }

        if (Audience.Length == 0)
            yield return new ValidationResult("Jwt:Audience: name what the issuer writes as aud into tokens for this service; else tokens for any service would do.");
        foreach (var (key, value) in new[] { (nameof(Authority), Authority), (nameof(MetadataAddress), MetadataAddress) }.Where(address => !IsGoodAddress(address.Item2)))
            yield return new ValidationResult($"Jwt:{key}: give an https URL; for http inside a closed network set Jwt:RequireHttps to false.");
        if (SigningKeys.Count > 0 && ExpectedIssuer.Length == 0)
            yield return new ValidationResult("Jwt:Issuer: say what the issuer writes as iss, as no metadata is asked where Jwt:SigningKeys are given.");
        foreach (var n in Enumerable.Range(0, SigningKeys.Count).Where(n => PublicKey.TryRead(SigningKeys[n]) is null))
            yield return new ValidationResult($"Jwt:SigningKeys:{n}: give a public key in PEM, RSA of 2048 bits or more, or EC on P-256, P-384 or P-521.");
        if (WorkspacesClaim.Length == 0)
            yield return new ValidationResult("Jwt:WorkspacesClaim: name the claim that lists the workspaces.");
        if (ScopesClaim.Length == 0)
            yield return new ValidationResult("Jwt:ScopesClaim: name the claim that lists the scopes.");
    }

    private bool IsGoodAddress(string value) => value.Length == 0 || (Uri.TryCreate(value, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && (address.IsLoopback || !RequireHttps))));
}
