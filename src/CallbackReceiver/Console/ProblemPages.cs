using CallbackReceiver.Meetings;

namespace CallbackReceiver.WebConsole;

/// <summary>Writes what goes wrong on the way to a page as a page: the same problems that the query API answers with, for people.</summary>
internal sealed class ProblemPages : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => PageContext.IsOfConsole(context.HttpContext);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        var page = PageContext.Of(http);
        var status = context.ProblemDetails.Status ?? http.Response.StatusCode;
        var (title, help) = WordsOf(status);
        await Layout.Answer(page, page[title], $"""
            <section class="card narrow"><h1>{page[title]}</h1><p>{page[help]}</p>{Details(context)}
            <p><a class="button" href="{ConsoleSetup.Root}">{page[Words.BackToStart]}</a></p></section>
            """, status).ExecuteAsync(http);
    }

    private static Html? Details(ProblemDetailsContext context) =>
        context.ProblemDetails.Extensions.TryGetValue("errors", out var errors) && errors is IEnumerable<ParameterError> wrong
            ? (Html)$"<ul>{wrong.Select(Detail)}</ul>"
            : null;

    private static Html Detail(ParameterError wrong) => $"<li><code>{wrong.Parameter}</code>: {wrong.Reason}</li>";

    private static (Word Title, Word Help) WordsOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => (Words.BadRequest, Words.BadRequestHelp),
        StatusCodes.Status403Forbidden => (Words.Refused, Words.RefusedHelp),
        StatusCodes.Status404NotFound => (Words.NotFound, Words.NotFoundHelp),
        StatusCodes.Status429TooManyRequests => (Words.TooMany, Words.TooManyHelp),
        StatusCodes.Status503ServiceUnavailable => (Words.Unavailable, Words.UnavailableHelp),
        _ => (Words.Failed, Words.FailedHelp),
    };
}
