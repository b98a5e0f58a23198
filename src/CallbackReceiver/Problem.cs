using System.Globalization;
using CallbackReceiver.Answers;
using CallbackReceiver.Meetings;
using CallbackReceiver.Operations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CallbackReceiver;

/// <summary>
/// The errors that the service answers with, each an <c>application/problem+json</c> (RFC 9457) with a stable type. This is the one
/// place that makes them.
/// </summary>
internal static class Problem
{
    private const string TypePrefix = "urn:callback-receiver:problem:";

    public static void AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails(details => details.CustomizeProblemDetails = context =>
        {
            // The trace's id would make two answers differ that must be the same, such as those to a wrong key and to an unknown workspace.
            context.ProblemDetails.Extensions.Remove("trace_id");
            if (context.ProblemDetails.Type?.StartsWith(TypePrefix, StringComparison.Ordinal) != true)
                context.ProblemDetails.Type = TypePrefix + TypeOf(context.ProblemDetails.Status);
        });
        services.AddExceptionHandler<AnswerMemoryHandler>();
        services.AddExceptionHandler<DatabaseFailure>();
    }

    public static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
    }

    /// <summary>Says, for the OpenAPI document, which of these problems a route or a group of routes may answer with.</summary>
    public static TBuilder AnswersWith<TBuilder>(this TBuilder routes, params IEnumerable<IResult> problems)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (var answer in problems.Select(ProblemAnswer.Of))
            routes.ProducesProblem(answer.Status).WithMetadata(answer);
        return routes;
    }

    public static IResult InvalidSignature() => Of(StatusCodes.Status401Unauthorized, "invalid-signature", "The signature is missing or does not fit.");

    public static IResult TooManyBadSignatures() => new RetryLater(Of(StatusCodes.Status429TooManyRequests, "too-many-bad-signatures", "Too many bad signatures came from this address."), seconds: 60);

    public static IResult OtherWorkspace() => Of(StatusCodes.Status403Forbidden, "other-workspace", "The body names a workspace other than the one whose key signed it.");

    public static IResult BodyTooLarge(int maxBytes) => Of(StatusCodes.Status413PayloadTooLarge, "body-too-large", $"The body is over {maxBytes} bytes.");

    public static IResult UnsupportedEncoding() => Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-encoding", "The body must be sent as it was signed: without a Content-Encoding.");

    public static IResult UnreadableBody(int status) => Of(status, "unreadable-body", "The body did not arrive as HTTP promises it.");

    public static IResult Unavailable() => new RetryLater(Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "The delivery could not be stored. Nothing of it is kept; send it again."));

    public static ProblemHttpResult Unauthorized() => Of(StatusCodes.Status401Unauthorized, "unauthorized", "An API key is needed, as a bearer token.");

    public static IResult TooManyWrongKeys(int seconds = 60) => new RetryLater(Of(StatusCodes.Status429TooManyRequests, "too-many-wrong-keys", "Too many wrong keys came from this address."), seconds);

    public static IResult TooManyRequests(int seconds = 60) => new RetryLater(Of(StatusCodes.Status429TooManyRequests, "too-many-requests", "This reader is over the number of requests a minute."), seconds);

    public static IResult TooManyUnderWay() => new RetryLater(Of(StatusCodes.Status503ServiceUnavailable, "too-many-under-way", "Too many requests are under way at once."));
    public static IResult TooManyStreams() => new RetryLater(Of(StatusCodes.Status429TooManyRequests, "too-many-streams", "This reader has too many exports, or listens too often, at once."), seconds: 10);

    public static IResult IssuerAway() => new RetryLater(Of(StatusCodes.Status503ServiceUnavailable, "issuer-away", "The token cannot be checked: its issuer does not answer."));

    public static ProblemHttpResult Forbidden() => Of(StatusCodes.Status403Forbidden, "forbidden", "The API key lacks the scope for this.");

    public static ProblemHttpResult NotFound() => Of(StatusCodes.Status404NotFound, "not-found", "There is no such thing, or the API key may not see it.");

    public static ProblemHttpResult StillUnverified() => Of(StatusCodes.Status409Conflict, "still-unverified", "None of the workspace's signing keys made the delivery's signature.");

    public static IResult NotReplayed() => new RetryLater(Of(StatusCodes.Status503ServiceUnavailable, "not-replayed", "The delivery could not be stored now, and is kept as it is."));

    public static ProblemHttpResult BadParameters(IReadOnlyList<ParameterError> errors) => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest,
        title: $"Wrong parameter: {string.Join(", ", errors.Select(error => error.Parameter))}.",
        type: TypePrefix + "bad-parameters",
        extensions: new Dictionary<string, object?> { ["errors"] = errors });

    public static IResult DatabaseAway() => new RetryLater(Of(StatusCodes.Status503ServiceUnavailable, "database-away", "The database does not answer."));

    public static IResult QueryTooLong() => new RetryLater(Of(StatusCodes.Status503ServiceUnavailable, "query-too-long", "The query took too long and was ended. Ask for less: a shorter time, or rarer words."));

    public static IResult Busy() => new RetryLater(Of(StatusCodes.Status503ServiceUnavailable, "busy", "Too many others are being answered at the moment."));
    public static IResult TooManyLargeAnswers() => new RetryLater(Of(StatusCodes.Status503ServiceUnavailable, "too-many-large-answers", "The memory for answers is taken by others, of this reader or in all."));

    private static ProblemHttpResult Of(int status, string type, string title) => TypedResults.Problem(statusCode: status, title: title, type: TypePrefix + type);

    /// <summary>The type of what ASP.NET Core itself answers with nothing but a status.</summary>
    private static string TypeOf(int? status) => status switch
    {
        StatusCodes.Status404NotFound => "not-found",
        StatusCodes.Status405MethodNotAllowed => "method-not-allowed",
        >= StatusCodes.Status500InternalServerError => "internal-error",
        _ => "bad-request",
    };

    /// <summary>Adds <c>Retry-After</c>, in seconds.</summary>
    internal sealed class RetryLater(ProblemHttpResult problem, int seconds = 5) : IResult
    {
        public ProblemHttpResult Problem => problem;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return problem.ExecuteAsync(httpContext);
        }
    }
}

/// <summary>A problem that a route may answer with.</summary>
/// <param name="Details">The body of the answer.</param>
/// <param name="HasRetryAfter">Whether the answer says when to come again.</param>
internal sealed record ProblemAnswer(ProblemDetails Details, bool HasRetryAfter)
{
    public int Status => Details.Status!.Value;

    public static ProblemAnswer Of(IResult result) => result switch
    {
        ProblemHttpResult problem => new ProblemAnswer(problem.ProblemDetails, HasRetryAfter: false),
        Problem.RetryLater later => new ProblemAnswer(later.Problem.ProblemDetails, HasRetryAfter: true),
        _ => throw new ArgumentException("Not a problem.", nameof(result)),
    };
}
