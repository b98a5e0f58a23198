using Microsoft.Net.Http.Headers;

namespace CallbackReceiver.WebConsole;

/// <summary>
/// What every answer of the console says to the browser: run, load and show nothing but the console's own, tell nobody where the reader was, and
/// keep nothing. Pages are not compressed either, since they reflect what is searched for beside what is secret (BREACH).
/// </summary>
internal sealed class PageHeaders(RequestDelegate next)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(response => MarkAsync(((HttpResponse)response).Headers), context.Response);
        return next(context);
    }

    private static Task MarkAsync(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (!headers.CacheControl.ToString().Contains(Assets.Immutable, StringComparison.Ordinal))
        {
            headers.CacheControl = "private, no-store";
            headers.Remove(HeaderNames.Pragma);
        }

        return Task.CompletedTask;
    }
}
