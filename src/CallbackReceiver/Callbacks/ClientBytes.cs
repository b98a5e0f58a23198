using System.IO.Pipelines;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Reads what a client sends as a body. That the client broke off, or that what it sends is not HTTP, is always a
/// <see cref="BadHttpRequestException"/>: the web server has that exception for some of it only, and others for the rest, such as an overflow
/// for a chunk of 2 GiB, and an invalid operation for a trailer with U+0000. None of them is a failure of the service.
/// </summary>
internal static class ClientBytes
{
    /// <summary>Reads what has arrived.</summary>
    /// <returns>False where nothing has.</returns>
    /// <exception cref="BadHttpRequestException">See <see cref="ClientBytes"/>.</exception>
    public static bool TryRead(HttpRequest request, out ReadResult read)
    {
        try
        {
            return request.BodyReader.TryRead(out read);
        }
        catch (Exception exception) when (IsOfTheClient(exception, request))
        {
            throw Broken(exception);
        }
    }

    /// <summary>Waits for more.</summary>
    /// <exception cref="BadHttpRequestException">See <see cref="ClientBytes"/>.</exception>
    public static async ValueTask<ReadResult> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.BodyReader.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (IsOfTheClient(exception, request))
        {
            throw Broken(exception);
        }
    }

    private static bool IsOfTheClient(Exception exception, HttpRequest request) =>
        exception is not BadHttpRequestException && (exception is not OperationCanceledException || request.HttpContext.RequestAborted.IsCancellationRequested);

    private static BadHttpRequestException Broken(Exception exception) =>
        new("The body did not arrive as HTTP promises it.", StatusCodes.Status400BadRequest, exception);
}
