using System.Globalization;

namespace CallbackReceiver;

/// <summary>
/// The errors that the service answers with, each an <c>application/problem+json</c> (RFC 9457) with a stable type. This is the one
/// place that makes them.
/// </summary>
internal static class Problem
{
    private const string TypePrefix = "urn:callback-receiver:problem:";

    public static void AddProblems(this IServiceCollection services) => services.AddProblemDetails(details =>
        // The trace's id would make two answers differ that must be the same, such as those to a wrong key and to an unknown workspace.
        details.CustomizeProblemDetails = context => context.ProblemDetails.Extensions.Remove("trace_id"));

    public static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
    }

    public static IResult InvalidSignature() => Of(StatusCodes.Status401Unauthorized, "invalid-signature", "The signature is missing or does not fit.");

    public static IResult TooManyBadSignatures() => new RetryLater(Of(StatusCodes.Status429TooManyRequests, "too-many-bad-signatures", "Too many bad signatures came from this address."), seconds: 60);

    public static IResult OtherWorkspace() => Of(StatusCodes.Status403Forbidden, "other-workspace", "The body names a workspace other than the one whose key signed it.");

    public static IResult BodyTooLarge(int maxBytes) => Of(StatusCodes.Status413PayloadTooLarge, "body-too-large", $"The body is over {maxBytes} bytes.");

    public static IResult UnsupportedEncoding() => Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-encoding", "The body must be sent as it was signed: without a Content-Encoding.");

    public static IResult UnreadableBody(int status) => Of(status, "unreadable-body", "The body did not arrive as HTTP promises it.");

    public static IResult Unavailable() => new RetryLater(Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "The delivery could not be stored. Nothing of it is kept; send it again."));

    public static IResult Of(int status, string type, string title, string? detail = null) =>
        TypedResults.Problem(detail, statusCode: status, title: title, type: TypePrefix + type);

    /// <summary>Adds <c>Retry-After</c>, in seconds.</summary>
    private sealed class RetryLater(IResult problem, int seconds = 5) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return problem.ExecuteAsync(httpContext);
        }
    }
}
