using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Access;

/// <summary>Authenticates <c>Authorization: Bearer {api key}</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ReloadingSetting<ApiKeys> apiKeys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";

    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return Task.FromResult(AuthenticateResult.NoResult());
        if (apiKeys.Current.Find(header[Prefix.Length..].Trim()) is not { } key)
            return Task.FromResult(AuthenticateResult.Fail("There is no such API key."));
        var claims = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, key.Name),
                .. key.Scopes.Select(scope => new Claim(ReaderClaims.Scope, scope)),
                .. key.Workspaces.Select(workspace => new Claim(ReaderClaims.Workspace, workspace)),
            ],
            SchemeName);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(claims), SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problem.Unauthorized().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problem.Forbidden().ExecuteAsync(Context);
}
