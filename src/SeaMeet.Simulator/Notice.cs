namespace SeaMeet.Simulator;

/// <summary>Says with every answer that this is not SeaMeet.</summary>
internal static class Notice
{
    public const string HeaderName = "X-Simulator";
    public const string Text = "This is a simulator, not SeaMeet";

    public static void UseNotice(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.Headers[HeaderName] = Text;
        return next(context);
    });
}
