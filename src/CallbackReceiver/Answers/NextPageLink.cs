using CallbackReceiver.Meetings;
using Microsoft.AspNetCore.WebUtilities;

namespace CallbackReceiver.Answers;

/// <summary>
/// Adds <c>Link: &lt;?…&gt;; rel="next"</c> to a page that another one follows. The link is relative to the URL that was asked for, as RFC 8288
/// allows, and so is right whatever path, host and scheme a proxy has in front of the service.
/// </summary>
internal sealed class NextPageLink : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var answer = await next(context);
        if (PageIn(answer) is { NextCursor: { } cursor })
            context.HttpContext.Response.Headers.Link = $"<{QueryWith(context.HttpContext.Request.QueryString, cursor)}>; rel=\"next\"";
        return answer;
    }

    private static IPage? PageIn(object? answer) => answer switch
    {
        INestedHttpResult { Result: var result } => PageIn(result),
        IValueHttpResult { Value: IPage page } => page,
        _ => null,
    };

    /// <summary>All other parameters as they were, in their order. Written anew, since a query may hold characters that would end the link.</summary>
    private static string QueryWith(QueryString query, string cursor)
    {
        var parameters = new List<string>();
        foreach (var parameter in new QueryStringEnumerable(query.Value))
        {
            if (!parameter.DecodeName().Span.SequenceEqual(QueryParameter.Cursor.Name))
                parameters.Add($"{Uri.EscapeDataString(parameter.DecodeName().Span)}={Uri.EscapeDataString(parameter.DecodeValue().Span)}");
        }

        return $"?{string.Join('&', [.. parameters, $"{QueryParameter.Cursor.Name}={Uri.EscapeDataString(cursor)}"])}";
    }
}
