using CallbackReceiver.Access;
using CallbackReceiver.Callbacks.Unverified;
using CallbackReceiver.Operations;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>The way of a callback, from the request to the answer: read, verify, parse, accept, answer.</summary>
internal sealed class CallbackReception(
    IOptions<CallbackOptions> options,
    BodyReader bodies,
    SignatureVerifier verifier,
    HashBudget budget,
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
        var connection = http.Features.Get<ClientConnection>();
        if (connection?.TryBegin() is false)
            return Refuse(Refusal.NoMemory, Problem.Unavailable());
        try
        {
            if (http.Request.Headers.ContentEncoding.Any(encoding => encoding is not (null or "") && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
                return Refuse(Refusal.Encoded, Problem.UnsupportedEncoding());
            var network = ClientNetwork.Of(http.Connection.RemoteIpAddress);
            if (budget.IsUsedUp(network))
                return Refuse(Refusal.OverBudget, Problem.TooManyBadSignatures());
            var signature = Signature.Parse(http.Request.Headers[Signature.HeaderName]);
            if (!signature.IsWellFormed && await bodies.SkipAsync(http.Request))
                return RefuseSignature(workspaceId, network, signature, http, null);
            if (signature.IsWellFormed && await bodies.ReadAsync(http.Request) is { } body)
                return await ReceiveAsync(workspaceId, network, signature, http, body);
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
        finally
        {
            connection?.End();
        }
    }

    /// <param name="workspaceId">The workspace of the URL, or null.</param>
    /// <param name="network">Where the request comes from.</param>
    /// <param name="signature">Its signature, which is well-formed.</param>
    /// <param name="http">The request.</param>
    /// <param name="body">Its body, which is disposed here, or after the answer where no key signed it.</param>
    private async Task<IResult> ReceiveAsync(string? workspaceId, ClientNetwork network, Signature signature, HttpContext http, RequestBody body)
    {
        var isHandedOver = false;
        try
        {
            var hashed = (long)body.Length * verifier.KeysTried(workspaceId);
            if (!budget.TryCharge(network, hashed))
                return Refuse(Refusal.OverBudget, Problem.TooManyBadSignatures());
            VerifiedBody? verified;
            using (await budget.TakeTurnAsync(network, hashed, http.RequestAborted))
                verified = verifier.Verify(workspaceId, signature, body.Bytes);
            if (verified is null)
            {
                isHandedOver = true;
                return RefuseSignature(workspaceId, network, signature, http, body);
            }

            budget.Verified(network, hashed);
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
        finally
        {
            if (!isHandedOver)
                body.Dispose();
        }
    }

    private IResult Refuse(Refusal reason, IResult answer)
    {
        metrics.Refused(reason);
        return answer;
    }

    /// <summary>
    /// The same answer, after the same work, whatever is wrong with the signature, and whether or not there is such a workspace: what more is
    /// done with the body of one that there is, is done after the answer.
    /// </summary>
    private IResult RefuseSignature(string? workspaceId, ClientNetwork network, in Signature signature, HttpContext http, RequestBody? body)
    {
        var known = workspaceId is not null && verifier.Knows(workspaceId) ? workspaceId : null;
        if (!failures.TryCount(network))
        {
            metrics.SignatureFailed(known, SignatureFailure.Limited);
            body?.Dispose();
            return Problem.TooManyBadSignatures();
        }

        metrics.SignatureFailed(known, ReasonOf(http.Request, signature, isUnknown: workspaceId is not null && known is null));
        if (body is not null)
            unverified.OfferAfterAnswer(http.Response, known, network, signature, body);
        return Problem.InvalidSignature();
    }

    private static SignatureFailure ReasonOf(HttpRequest request, in Signature signature, bool isUnknown) => signature switch
    {
        { IsWellFormed: true } => isUnknown ? SignatureFailure.UnknownWorkspace : SignatureFailure.Wrong,
        _ => request.Headers[Signature.HeaderName].Count == 0 ? SignatureFailure.Missing : SignatureFailure.Malformed,
    };
}
