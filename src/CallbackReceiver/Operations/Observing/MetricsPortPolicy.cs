using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Operations.Observing;

/// <summary>Marks an endpoint that the port of the metrics answers; no other endpoint is answered there.</summary>
/// <param name="OnlyThere">Whether no other port answers it.</param>
internal sealed record OnMetricsPort(bool OnlyThere);

/// <summary>
/// Keeps the port of the metrics and the other ports apart. It judges the endpoints that the routing found, by the port that the connection
/// came to: a path can be written in many ways (<c>/metrics/</c>, <c>/METRICS</c>, <c>/%6Detrics</c>), and the header Host is the client's word.
/// It takes part in the routing itself, since a callback is answered before any later middleware.
/// </summary>
internal sealed class MetricsPortPolicy(IOptions<MetricsOptions> options) : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 0;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => options.Value.Port is not null;

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var isMetricsPort = httpContext.Connection.LocalPort == options.Value.Port;
        for (var i = 0; i < candidates.Count; i++)
        {
            var mark = candidates[i].Endpoint.Metadata.GetMetadata<OnMetricsPort>();
            if (isMetricsPort ? mark is null : mark is { OnlyThere: true })
                candidates.SetValidity(i, false);
        }

        return Task.CompletedTask;
    }
}
