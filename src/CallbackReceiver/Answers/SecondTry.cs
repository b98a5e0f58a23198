using CallbackReceiver.Operations;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Answers;

/// <summary>
/// Answers a query once more, over new connections, where its own turns out to be broken before anything was sent. After a restart or a failover
/// of PostgreSQL, or an idle time that a firewall ended, the connections that wait in a pool are broken, and no reader is to hear of that.
/// </summary>
internal sealed class SecondTry(RequestDelegate next, ConnectionPools pools)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (ChangesNothing(context.Request) && !context.Response.HasStarted && DatabaseFailure.IsOfTheConnection(exception))
        {
            pools.Clear();
            await next(context);
        }
    }

    private static bool ChangesNothing(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
}
