using System.Net;
using Polly;
using Polly.Timeout;

namespace SeaMeet;

/// <summary>
/// Which failed attempts are made again. Reading, deleting, asking for an upload URL and uploading change nothing when they are done
/// twice. Creating a meeting and running an analysis do: they are repeated only where the first attempt cannot have been carried out.
/// </summary>
internal static class Repetition
{
    /// <summary>Set on a request that may be carried out once only.</summary>
    public static readonly HttpRequestOptionsKey<bool> OnceOnly = new("SeaMeet.OnceOnly");

    /// <summary>Set where an attempt was made whose outcome is not known.</summary>
    public static readonly HttpRequestOptionsKey<bool> WasAttempted = new("SeaMeet.WasAttempted");

    public static bool IsWorthwhile(HttpRequestMessage request, Outcome<HttpResponseMessage> outcome)
    {
        var isOnceOnly = request.Options.TryGetValue(OnceOnly, out var once) && once;
        return outcome switch
        {
            { Exception: { } exception } => IsTransient(exception) && (!isOnceOnly || !MayHaveBeenDone(exception)),
            { Result: { } answer } => IsTransient(answer.StatusCode) && (!isOnceOnly || !MayHaveBeenDone(answer.StatusCode)),
            _ => false,
        };
    }

    /// <summary>Whether the server may have carried the request out although it answered so. 429 and 503 say that it did not take it on.</summary>
    public static bool MayHaveBeenDone(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout
        || (status >= HttpStatusCode.InternalServerError && status is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.NotImplemented));

    /// <summary>Whether the server may have carried the request out although no answer came. It cannot have, where there was no connection.</summary>
    public static bool MayHaveBeenDone(Exception exception) => exception is not HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    };

    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        || (status >= HttpStatusCode.InternalServerError && status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported));

    /// <summary>What the network does. A file that cannot be read is wrapped in the same exception; it stays what it is.</summary>
    public static bool IsTransient(Exception exception) => exception is TimeoutRejectedException or (HttpRequestException and not { InnerException: AudioException });
}
