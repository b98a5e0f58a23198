using Microsoft.AspNetCore.Authentication.Cookies;

namespace CallbackReceiver.WebConsole.Access;

/// <summary>
/// Names the session's cookie <c>__Host-…</c> where the browser came by https: then no other host and no plain connection can set it.
/// </summary>
internal sealed class SessionCookies : ICookieManager
{
    private const string HostPrefix = "__Host-";

    private readonly ChunkingCookieManager cookies = new();

    public string? GetRequestCookie(HttpContext context, string key) => cookies.GetRequestCookie(context, NameOf(context, key));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
        cookies.AppendResponseCookie(context, NameOf(context, key), value, options);

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) => cookies.DeleteCookie(context, NameOf(context, key), options);

    private static string NameOf(HttpContext context, string key) => context.Request.IsHttps ? HostPrefix + key : key;
}
