using CallbackReceiver.Access;
using CallbackReceiver.Operations;
using CallbackReceiver.Storage;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Answers;

/// <summary>
/// Ends a query that takes too long: PostgreSQL is told to cancel the statement, and the answer says why there is none. The time until the
/// result is there counts, not that of sending it. A stream has no end; of it PostgreSQL's silence is bounded, by the connection's own limit.
/// </summary>
internal sealed class QueryDeadline(IOptions<QueryOptions> options, TimeProvider time) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!IsQuery(http))
            return await next(context);
        var reader = http.RequestAborted;
        using var deadline = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, reader);
        http.RequestAborted = either.Token;
        for (var i = 0; i < context.Arguments.Count; i++)
        {
            if (context.Arguments[i] is CancellationToken)
                context.Arguments[i] = either.Token;
        }

        try
        {
            return await next(context);
        }
        catch (OperationCanceledException cancelled) when (deadline.IsCancellationRequested && !reader.IsCancellationRequested)
        {
            return DatabaseFailure.IsUnanswered(cancelled) ? Problem.DatabaseAway() : Problem.QueryTooLong();
        }
        finally
        {
            http.RequestAborted = reader;
        }
    }

    private static bool IsQuery(HttpContext http) =>
        (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) && http.GetEndpoint()?.Metadata.GetMetadata<StreamRoute>() is null;
}
