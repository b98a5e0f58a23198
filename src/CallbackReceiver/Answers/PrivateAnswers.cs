using CallbackReceiver.Access;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CallbackReceiver.Answers;

/// <summary>
/// Calls are private, what is current changes, and what is there can be erased: a browser may keep an answer, and asks before it shows
/// it again. Said of every answer, errors as well: a 404 could be kept otherwise.
/// </summary>
internal sealed class PrivateAnswers(RequestDelegate next, IOptions<DashboardOptions> dashboards)
{
    /// <summary>What an answer depends on, beside the URL.</summary>
    private readonly string[] varying = dashboards.Value.Origins.Count > 0 ? [HeaderNames.AcceptEncoding, HeaderNames.Origin] : [HeaderNames.AcceptEncoding];

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(response => MarkAsync((HttpResponse)response), context.Response);
        return next(context);
    }

    /// <summary>Last of all that sets headers, as it was registered first.</summary>
    private Task MarkAsync(HttpResponse response)
    {
        if (!response.Headers.CacheControl.ToString().Contains("no-store", StringComparison.Ordinal))
            response.Headers.CacheControl = "private, no-cache";
        response.Headers.Vary = string.Join(", ", response.Headers.GetCommaSeparatedValues(HeaderNames.Vary)
            .Union(varying, StringComparer.OrdinalIgnoreCase));
        return Task.CompletedTask;
    }
}
