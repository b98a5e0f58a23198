using CallbackReceiver.Access;

namespace CallbackReceiver.Answers;

/// <summary>What all routes of the query API have in common, so that none can lack it. The receiving endpoint has none of it.</summary>
internal static class QueryApi
{
    private const string Root = "/api";

    /// <summary>Text that is worth compressing. Events are not among them: they go out one by one, at once.</summary>
    private static readonly string[] CompressedTypes = ["application/json", "application/problem+json", "application/x-ndjson", "text/csv", "text/plain"];

    public static void AddQueryApi(this IServiceCollection services)
    {
        services.AddResponseCompression(compression =>
        {
            // A reader is known by a header that no foreign page can make a browser send: no secret can be guessed by the length of answers (docs/decisions/0013).
            compression.EnableForHttps = true;
            compression.MimeTypes = CompressedTypes;
        });
        services.AddOptions<AnswerMemoryOptions>().BindConfiguration(AnswerMemoryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AnswerMemory>();
    }

    /// <summary>Middleware that only requests to the query API go through.</summary>
    public static void UseOnQueryApi(this IApplicationBuilder app, Action<IApplicationBuilder> configure) =>
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Root), configure);

    public static void UseQueryApi(this IApplicationBuilder app) => app.UseOnQueryApi(api => api
        .UseMiddleware<PrivateAnswers>()
        .UseMiddleware<HeadAnswers>()
        .UseResponseCompression());

    /// <summary>The group that every route of the query API belongs to.</summary>
    public static RouteGroupBuilder MapQueryApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup(Root + "/v1")
            .AddEndpointFilter<NextPageLink>()
            .RequireRateLimiting(ReaderLimit.PolicyName)
            .AnswersWith(Problem.Unauthorized(), Problem.Forbidden(), Problem.TooManyRequests(), Problem.TooManyWrongKeys(), Problem.DatabaseAway(), Problem.IssuerAway(), Problem.TooManyLargeAnswers());
        HeadAnswers.AllowOn(api);
        return api;
    }
}
