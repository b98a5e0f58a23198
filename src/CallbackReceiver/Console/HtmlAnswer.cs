using System.Text;

namespace CallbackReceiver.WebConsole;

/// <summary>A whole page.</summary>
internal sealed class HtmlAnswer(Html page, int status) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = "text/html; charset=utf-8";
        return httpContext.Response.WriteAsync(page.ToString(), Encoding.UTF8, httpContext.RequestAborted);
    }
}
