
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Callbacks.Unverified;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>The receiving endpoint: the URL that is registered with Seasalt.</summary>
internal static class CallbacksApi
{
    public static void AddCallbacks(this IServiceCollection services)
    {
        services.AddOptions<CallbackOptions>().BindConfiguration(CallbackOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<BodyMemory>();
        services.AddSingleton<SignatureVerifier>();
        services.AddSingleton<ReceiveClock>();
        services.AddSingleton<DeliveryWriter>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<Circuit>();
        services.AddSingleton<Inbox>();
        services.AddHostedService(provider => provider.GetRequiredService<Inbox>());
        services.AddSingleton<CallbackReception>();

        services.AddOptions<UnverifiedOptions>().BindConfiguration(UnverifiedOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<FailureLimiter>();
        services.AddSingleton<UnverifiedInbox>();
        services.AddHostedService(provider => provider.GetRequiredService<UnverifiedInbox>());

        services.AddOptions<SpoolOptions>().BindConfiguration(SpoolOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Spool>();
        services.AddHostedService<SpoolDrain>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<CallbackOptions>>((kestrel, callbacks) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = callbacks.Value.MaxBodyBytes;
        });
    }

    public static void MapCallbacks(this IEndpointRouteBuilder routes)
    {
        var callbacks = routes.MapGroup("/callbacks").WithTags("Callbacks").AllowAnonymous();

        callbacks.MapPost("/{workspace_id}", (string workspace_id, CallbackReception reception, HttpContext http) => reception.ReceiveAsync(workspace_id, http))
            .WithName("ReceiveCallback")
            .WithSummary("Receives a callback of one workspace: the URL to register with Seasalt")
            .DescribeAnswers();

        callbacks.MapPost("", (CallbackReception reception, HttpContext http) => reception.ReceiveAsync(null, http))
            .WithName("ReceiveCallbackOfAnyWorkspace")
            .WithSummary("Receives a callback of any workspace; the key that signed it names the workspace")
            .DescribeAnswers();
    }

    private static void DescribeAnswers(this RouteHandlerBuilder route) => route
        .Produces<Receipt>(StatusCodes.Status200OK)
        .Produces<Receipt>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
}
