using Microsoft.AspNetCore.Diagnostics;

namespace CallbackReceiver.Answers;

/// <summary>A query for whose answer no memory became free is answered 503.</summary>
internal sealed class AnswerMemoryHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not AnswerMemoryException)
            return false;
        await Problem.TooManyLargeAnswers().ExecuteAsync(httpContext);
        return true;
    }
}
