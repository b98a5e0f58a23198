using System.Security.Claims;
using CallbackReceiver.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace CallbackReceiver.WebConsole.Access;

/// <summary>
/// Who is signed in. The cookie names an API key by its digest, and nothing else: scopes and workspaces are looked up at each request, so that
/// a key that leaves the configuration ends its sessions. Only the console's own policy asks for it; the REST API never does.
/// </summary>
internal static class ConsoleSession
{
    public const string SchemeName = "Console";

    /// <summary>The policy of all pages but that of signing in.</summary>
    public const string Policy = "console";

    private const string KeyDigest = "key_sha256";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static void Configure(CookieAuthenticationOptions session)
    {
        session.Cookie.Name = "console-session";
        session.Cookie.HttpOnly = true;
        session.Cookie.SameSite = SameSiteMode.Lax;
        session.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        session.Cookie.Path = "/"; // as the prefix __Host- wants it
        session.CookieManager = new SessionCookies();
        session.ExpireTimeSpan = Lifetime;
        session.SlidingExpiration = false;
        session.Events.OnValidatePrincipal = LookUpAsync;
        session.Events.OnRedirectToLogin = AskToSignIn;
        session.Events.OnRedirectToAccessDenied = Forbid;
    }

    /// <summary>Says who is signed in on pages that ask nobody to be, too: a form is good only for the reader whom it was made for.</summary>
    public static async Task RecogniseAsync(HttpContext http, RequestDelegate next)
    {
        if ((await http.AuthenticateAsync(SchemeName)).Principal is { } reader)
            http.User = reader;
        await next(http);
    }

    public static Task BeginAsync(HttpContext http, ApiKey key) => http.SignInAsync(
        SchemeName, new ClaimsPrincipal(new ClaimsIdentity([new Claim(KeyDigest, Convert.ToHexString(key.Sha256))], SchemeName)));

    public static Task EndAsync(HttpContext http) => http.SignOutAsync(SchemeName);

    private static async Task LookUpAsync(CookieValidatePrincipalContext session)
    {
        var keys = session.HttpContext.RequestServices.GetRequiredService<ReloadingSetting<ApiKeys>>().Current;
        if (session.Principal?.FindFirstValue(KeyDigest) is { } digest && keys.FindByDigest(Convert.FromHexString(digest)) is { } key)
        {
            session.ReplacePrincipal(ReaderClaims.Reader(key.Name, key.Scopes, key.Workspaces, SchemeName, key.RequestsPerMinute));
            return;
        }

        session.RejectPrincipal();
        await EndAsync(session.HttpContext);
    }

    /// <summary>A page that was asked for is shown after signing in; what a form would have changed is not.</summary>
    private static Task AskToSignIn(RedirectContext<CookieAuthenticationOptions> redirect)
    {
        var request = redirect.Request;
        redirect.Response.Redirect(HttpMethods.IsPost(request.Method) ? SignIn.Path : SignIn.PathTo(request.Path.ToUriComponent() + request.QueryString));
        return Task.CompletedTask;
    }

    private static Task Forbid(RedirectContext<CookieAuthenticationOptions> redirect)
    {
        redirect.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
