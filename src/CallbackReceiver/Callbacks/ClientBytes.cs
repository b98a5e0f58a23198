using System.IO.Pipelines;

namespace CallbackReceiver.Callbacks;

/// <summary>Reads what a client sends as a body.</summary>
internal static class ClientBytes
{
    /// <summary>Reads on. What has arrived is there at once; else it is waited for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="startWaiting">Gives the token that ends the waiting.</param>
    /// <exception cref="BadHttpRequestException">
    /// The client broke off, or what it sends is not HTTP. The web server has an exception of its own for some of that only, and others for the
    /// rest: an overflow for a chunk of 2 GiB, an invalid operation for a trailer with U+0000. None of them is a failure of the service.
    /// </exception>
    public static async ValueTask<ReadResult> ReadAsync(HttpRequest request, Func<CancellationToken> startWaiting)
    {
        try
        {
            return request.BodyReader.TryRead(out var read) ? read : await request.BodyReader.ReadAsync(startWaiting());
        }
        catch (Exception exception) when (exception is not BadHttpRequestException && (exception is not OperationCanceledException || request.HttpContext.RequestAborted.IsCancellationRequested))
        {
            throw new BadHttpRequestException("The body did not arrive as HTTP promises it.", StatusCodes.Status400BadRequest, exception);
        }
    }
}
