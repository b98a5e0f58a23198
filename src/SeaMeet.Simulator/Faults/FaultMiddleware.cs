namespace SeaMeet.Simulator.Faults;

/// <summary>Breaks requests, before or after they are carried out, by <see cref="FaultOptions"/>.</summary>
internal sealed class FaultMiddleware(SimulatorOptions options, Chance chance, TimeProvider time) : IMiddleware
{
    private enum Fault
    {
        None,
        Unavailable,
        FailBefore,
        FailAfter,
        ResetBefore,
        ResetAfter,
        Late,
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        switch (Pick(context.GetEndpoint()?.Metadata.OfType<Operation>().Cast<Operation?>().FirstOrDefault(), out var faults))
        {
            case Fault.Unavailable:
                await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable);
                break;
            case Fault.FailBefore:
                await RefuseAsync(context, StatusCodes.Status500InternalServerError);
                break;
            case Fault.ResetBefore:
                context.Abort();
                break;
            case Fault.FailAfter:
                await CarryOutSilentlyAsync(context, next);
                await RefuseAsync(context, StatusCodes.Status500InternalServerError);
                break;
            case Fault.ResetAfter:
                await CarryOutSilentlyAsync(context, next);
                context.Abort();
                break;
            case Fault.Late:
                await Task.Delay(faults.Delay, time, context.RequestAborted);
                await next(context);
                break;
            default:
                await next(context);
                break;
        }
    }

    private Fault Pick(Operation? operation, out FaultOptions faults)
    {
        faults = null!;
        if (operation is null || !options.Faults.TryGetValue(operation.ToString()!, out faults!))
            return Fault.None;
        var rest = chance.Next();
        foreach (var (fault, rate) in Rates(faults))
        {
            if (rest < rate)
                return fault;
            rest -= rate;
        }

        return Fault.None;
    }

    private static (Fault Fault, double Rate)[] Rates(FaultOptions faults) =>
    [
        (Fault.Unavailable, faults.Unavailable),
        (Fault.FailBefore, faults.FailBefore),
        (Fault.FailAfter, faults.FailAfter),
        (Fault.ResetBefore, faults.ResetBefore),
        (Fault.ResetAfter, faults.ResetAfter),
        (Fault.Late, faults.Late),
    ];

    private static async Task CarryOutSilentlyAsync(HttpContext context, RequestDelegate next)
    {
        var body = context.Response.Body;
        context.Response.Body = Stream.Null;
        await next(context);
        context.Response.Body = body;
        context.Response.Clear();
        context.Response.Headers[Notice.HeaderName] = Notice.Text;
    }

    private static Task RefuseAsync(HttpContext context, int status) => Answer.Error(status, "a fault that the simulator was told to make").ExecuteAsync(context);
}
