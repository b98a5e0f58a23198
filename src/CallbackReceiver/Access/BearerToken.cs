namespace CallbackReceiver.Access;

/// <summary>What a request sends as <c>Authorization: Bearer …</c>: an API key, or a JWT where an issuer is configured.</summary>
internal static class BearerToken
{
    /// <summary>The scheme that the policies ask; it hands over to that of the token's form.</summary>
    public const string SchemeName = "Bearer";

    private const string Prefix = SchemeName + " ";

    public static string? Of(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header[Prefix.Length..].Trim() : null;

    /// <summary>Whether a token has the form of a signed JWT: three parts, of which the first begins as the base64 of <c>{"</c> does.</summary>
    public static bool LooksLikeJwt(string token) => token.StartsWith("eyJ", StringComparison.Ordinal) && token.AsSpan().Count('.') == 2;
}
