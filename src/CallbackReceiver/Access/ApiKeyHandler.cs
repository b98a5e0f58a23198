using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Access;

/// <summary>Authenticates <c>Authorization: Bearer {api key}</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ReloadingSetting<ApiKeys> apiKeys, WrongKeys wrongKeys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (BearerToken.Of(Request) is not { } presented)
            return Task.FromResult(AuthenticateResult.NoResult());
        if (apiKeys.Current.Find(presented) is not { } key || !wrongKeys.MayEnter(Context.Connection.RemoteIpAddress, key.Name))
            return Task.FromResult(AuthenticateResult.Fail("There is no such API key, or too many wrong ones came from the same address."));
        var reader = ReaderClaims.Reader(key.Name, key.Scopes, key.Workspaces, SchemeName, key.RequestsPerMinute);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(reader, SchemeName)));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var isWrong = (await HandleAuthenticateOnceAsync()).Failure is not null;
        if (!isWrong)
            Response.Headers.WWWAuthenticate = BearerToken.SchemeName;
        await (isWrong ? wrongKeys.Refuse(Context, BearerToken.SchemeName) : Problem.Unauthorized()).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problem.Forbidden().ExecuteAsync(Context);
}
