using CallbackReceiver.Operations.Observing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.WebConsole;

/// <summary>Marks an endpoint of the console.</summary>
internal sealed record OnConsolePort;

/// <summary>
/// Keeps the port of the console and the other ports apart, as <see cref="MetricsPortPolicy"/> does for the metrics: by
/// the port that the connection came to, and within the routing itself, since a callback is answered before any later middleware.
/// </summary>
internal sealed class ConsolePort(IOptions<ConsoleOptions> options) : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 0;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => options.Value.Port is not null;

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var isConsolePort = httpContext.Connection.LocalPort == options.Value.Port;
        for (var i = 0; i < candidates.Count; i++)
        {
            var isOfConsole = candidates[i].Endpoint.Metadata.GetMetadata<OnConsolePort>() is not null;
            var isHealth = candidates[i].Endpoint.Metadata.GetMetadata<OnMetricsPort>() is { OnlyThere: false };
            if (isOfConsole != isConsolePort && !isHealth)
                candidates.SetValidity(i, false);
        }

        return Task.CompletedTask;
    }

    /// <summary>To stand right after the routing: what no endpoint answers goes no further on the port of the console.</summary>
    public static void Guard(IApplicationBuilder app, int port) => app.Use((http, next) =>
    {
        if (http.Connection.LocalPort != port || http.GetEndpoint() is not null)
            return next(http);
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });
}
