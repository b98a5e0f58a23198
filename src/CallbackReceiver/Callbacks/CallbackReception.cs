using CallbackReceiver.Callbacks.Unverified;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>The way of a callback, from the request to the answer: read, verify, parse, accept, answer.</summary>
internal sealed class CallbackReception(
    IOptions<CallbackOptions> options,
    BodyReader bodies,
    SignatureVerifier verifier,
    FailureLimiter failures,
    UnverifiedInbox unverified,
    ReceiveClock clock,
    Inbox inbox,
    CallbackMetrics metrics,
    ILogger<CallbackReception> logger)
{
    /// <param name="workspaceId">The workspace of the URL; null where the key that signed names the workspace.</param>
    /// <param name="http">The request. Its Content-Type is not looked at: the signature vouches for the bytes.</param>
    public async Task<IResult> ReceiveAsync(string? workspaceId, HttpContext http)
    {
        if (http.Request.Headers.ContentEncoding.Any(encoding => encoding is not (null or "") && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
            return Refuse(Refusal.Encoded, Problem.UnsupportedEncoding());
        try
        {
            using var body = await bodies.ReadAsync(http.Request);
            if (body is not null)
                return await ReceiveAsync(workspaceId, http, body);
            http.Response.Headers.Connection = "close"; // the rest of the body is not waited for
            return Refuse(Refusal.NoMemory, Problem.Unavailable());
        }
        catch (BadHttpRequestException refused)
        {
            http.Response.Headers.Connection = "close";
            return refused.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => Refuse(Refusal.TooLarge, Problem.BodyTooLarge(options.Value.MaxBodyBytes)),
                StatusCodes.Status408RequestTimeout => Refuse(Refusal.TooSlow, Problem.UnreadableBody(refused.StatusCode)),
                _ => Refuse(Refusal.Unreadable, Problem.UnreadableBody(refused.StatusCode)),
            };
        }
    }

    private async Task<IResult> ReceiveAsync(string? workspaceId, HttpContext http, RequestBody body)
    {
        var signature = Signature.Parse(http.Request.Headers[Signature.HeaderName]);
        if (verifier.Verify(workspaceId, signature, body.Bytes) is not { } verified)
            return Refuse(workspaceId, signature, http, body);

        metrics.Verified(verified);
        var callback = CallbackParser.Parse(verified);
        if (callback is ParsedCallback.OtherWorkspace)
        {
            logger.OtherWorkspace(verified.WorkspaceId);
            return Refuse(Refusal.OtherWorkspace, Problem.OtherWorkspace());
        }

        var delivery = new Delivery(verified, callback, clock.Next());
        var answer = await inbox.AcceptAsync(delivery);
        if (delivery.MayStillBeRead)
            body.LeaveBuffer();
        if (answer is null)
            return Refuse(Refusal.NotStored, Problem.Unavailable());
        metrics.Answered(answer.WorkspaceId, answer.Outcome);
        return new ReceiptAnswer(answer);
    }

    private IResult Refuse(Refusal reason, IResult answer)
    {
        metrics.Refused(reason);
        return answer;
    }

    /// <summary>The same answer whatever is wrong with the signature, and whether or not there is such a workspace.</summary>
    private IResult Refuse(string? workspaceId, in Signature signature, HttpContext http, RequestBody body)
    {
        var known = workspaceId is not null && verifier.Knows(workspaceId) ? workspaceId : null;
        if (!failures.TryCount(http.Connection.RemoteIpAddress))
        {
            metrics.SignatureFailed(known, SignatureFailure.Limited);
            return Problem.TooManyBadSignatures();
        }

        metrics.SignatureFailed(known, ReasonOf(http.Request, signature, isUnknown: workspaceId is not null && known is null));
        if (signature.IsWellFormed && known is not null)
            unverified.Offer(known, signature, body.Bytes);
        return Problem.InvalidSignature();
    }

    private static SignatureFailure ReasonOf(HttpRequest request, in Signature signature, bool isUnknown) => signature switch
    {
        { IsWellFormed: true } => isUnknown ? SignatureFailure.UnknownWorkspace : SignatureFailure.Wrong,
        _ => request.Headers[Signature.HeaderName].Count == 0 ? SignatureFailure.Missing : SignatureFailure.Malformed,
    };
}
