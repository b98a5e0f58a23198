namespace CallbackReceiver.Meetings;

/// <summary>Calls are private, and what is current changes: a browser may keep an answer, and asks before it shows it again.</summary>
internal sealed class PrivateAnswers : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.CacheControl = "private, no-cache";
        return next(context);
    }
}
