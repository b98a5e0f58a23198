using CallbackReceiver.Operations;

namespace CallbackReceiver.Answers;

/// <summary>
/// Breaks the connection of an answer that PostgreSQL fails in the middle of, so that its reader sees that it is not whole. There is no status
/// any more that could say so.
/// </summary>
internal sealed partial class BrokenAnswers(RequestDelegate next, ILogger<BrokenAnswers> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && DatabaseFailure.AnswerTo(exception) is not null)
        {
            LogBroken(logger, DatabaseFailure.Describe(exception));
            context.Abort();
        }
    }

    [LoggerMessage(505, LogLevel.Warning, "An answer was broken off, as PostgreSQL failed amid it: {Reason}")]
    private static partial void LogBroken(ILogger logger, string reason);
}
