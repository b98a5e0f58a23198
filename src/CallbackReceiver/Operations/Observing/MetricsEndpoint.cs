using CallbackReceiver.Access;
using CallbackReceiver.Operations.Logging;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Operations.Observing;

/// <summary>
/// Where <c>/metrics</c> is answered, and to whom: it names workspaces, and the URL that Seasalt calls is on the internet. What comes through a
/// proxy that is not known may come from anywhere, so that it needs an API key, as does whatever comes from afar (docs/decisions/0021).
/// </summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    private const string Policy = "scrape";

    /// <summary>What proxies add. Those of a known one are gone by now, and its client's address is that of the connection.</summary>
    private static readonly string[] ProxyHeaders =
        ["X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via", "CF-Connecting-IP", "True-Client-IP"];

    public static void AddMetricsEndpoint(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<MetricsOptions>().BindConfiguration(MetricsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<MatcherPolicy, MetricsPortPolicy>();
        builder.Services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy
            .AddAuthenticationSchemes(BearerToken.SchemeName)
            .RequireAssertion(context => context.Resource is HttpContext http && (IsNear(http) || MayRead(context))));
        if (int.TryParse(builder.Configuration[MetricsOptions.PortKey], out var port))
            ListeningAddress.Add(builder, "Metrics", port);
    }

    /// <summary>
    /// To stand right after the routing: what no endpoint answers goes no further on the port of the metrics, where a later middleware might
    /// answer it (a preflight of CORS has no endpoint). <see cref="MetricsPortPolicy"/> says which endpoints there are.
    /// </summary>
    public static void UseMetricsPort(this IApplicationBuilder app)
    {
        if (PortOf(app.ApplicationServices) is not { } port)
            return;
        app.Use((http, next) =>
        {
            if (http.Connection.LocalPort != port || http.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<OnMetricsPort>() is not null)
                return next(http);
            http.SetEndpoint(null); // such as the one that answers 405
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        var metrics = routes.MapPrometheusScrapingEndpoint(Path).WithMetadata(new OnMetricsPort(OnlyThere: true), new QuietInLog()).DisableHttpMetrics();
        if (PortOf(routes.ServiceProvider) is null)
            metrics.RequireAuthorization(Policy);
        else
            metrics.AllowAnonymous();
    }

    private static int? PortOf(IServiceProvider services) => services.GetRequiredService<IOptions<MetricsOptions>>().Value.Port;

    private static bool IsNear(HttpContext http) =>
        http.RequestServices.GetRequiredService<IOptions<MetricsOptions>>().Value.IsOpenTo(http.Connection.RemoteIpAddress)
        && !Array.Exists(ProxyHeaders, http.Request.Headers.ContainsKey);

    private static bool MayRead(AuthorizationHandlerContext context) =>
        context.User.HasClaim(ReaderClaims.Scope, AccessScopes.Metrics) && context.User.MaySeeAll();
}
