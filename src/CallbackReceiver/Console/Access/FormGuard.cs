using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace CallbackReceiver.WebConsole.Access;

/// <summary>
/// Takes a form only from the console's own pages: the browser says so in <c>Sec-Fetch-Site</c>, which no page can set, and the form carries a
/// token. Browsers send that header over https and to this machine only; elsewhere forms are refused, as is whatever is no browser.
/// </summary>
internal sealed class FormGuard(IAntiforgery antiforgery) : IEndpointFilter
{
    private const int MaxBytes = 16 * 1024;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBytes;
        return http.Request.Headers["Sec-Fetch-Site"].ToString() == "same-origin" && http.Request.HasFormContentType && await antiforgery.IsRequestValidAsync(http)
            ? await next(context)
            : TypedResults.StatusCode(StatusCodes.Status403Forbidden);
    }
}
