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

    /// <summary>Middleware that only requests to the query API go through. To stand after the routing.</summary>
    public static void UseOnQueryApi(this IApplicationBuilder app, Action<IApplicationBuilder> configure) => app.UseWhen(IsOfQueryApi, configure);

    /// <summary>Middleware that requests of readers go through, be they to the query API or to the console. To stand after the routing.</summary>
    public static void UseForReaders(this IApplicationBuilder app, Action<IApplicationBuilder> configure) =>
        app.UseWhen(context => IsOfQueryApi(context) || context.GetEndpoint()?.Metadata.GetMetadata<ForReaders>() is not null, configure);

    /// <summary>By the endpoint; by the path where there is none of the query API's, as for 404, 405 and a browser's preflight.</summary>
    private static bool IsOfQueryApi(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<OfQueryApi>() is not null || context.Request.Path.StartsWithSegments(Root);

    public static void UseQueryApi(this IApplicationBuilder app) => app.UseOnQueryApi(api => api
        .UseMiddleware<BrokenAnswers>()
        .UseMiddleware<PrivateAnswers>()
        .UseMiddleware<HeadAnswers>()
        .UseResponseCompression());

    /// <summary>To stand after whatever counts requests: a second try is the same request.</summary>
    public static void UseSecondTry(this IApplicationBuilder app) => app.UseForReaders(readers => readers.UseMiddleware<SecondTry>());

    /// <summary>The group that every route of the query API belongs to.</summary>
    public static RouteGroupBuilder MapQueryApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup(Root + "/v1")
            .WithMetadata(new OfQueryApi())
            .AddEndpointFilter<NextPageLink>()
            .AddEndpointFilter<QueryDeadline>()
            .RequireRateLimiting(ReaderLimit.PolicyName)
            .AnswersWith(
                Problem.Unauthorized(), Problem.Forbidden(), Problem.TooManyRequests(), Problem.TooManyWrongKeys(), Problem.DatabaseAway(), Problem.QueryTooLong(),
                Problem.Busy(), Problem.TooManyUnderWay(), Problem.TooManyLargeAnswers(), Problem.IssuerAway());
        HeadAnswers.AllowOn(api);
        return api;
    }

    /// <summary>Says that the route's answer is a stream, of which a reader may have some at once (<see cref="StreamLimit"/>).</summary>
    public static RouteHandlerBuilder Streams(this RouteHandlerBuilder route, StreamKind kind) =>
        route.WithMetadata(new StreamRoute(kind)).AnswersWith(Problem.TooManyStreams());

    /// <summary>Marks the endpoints of the query API.</summary>
    private sealed record OfQueryApi;
}

/// <summary>Marks endpoints beside the query API that readers ask, within the same limits.</summary>
internal sealed record ForReaders;
