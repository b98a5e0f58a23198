using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Callbacks.Unverified;
using CallbackReceiver.Operations.Logging;
using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>The receiving endpoint: the URL that is registered with Seasalt.</summary>
internal static class CallbacksApi
{
    public const string Tag = "Callbacks";
    public const string Path = "/callbacks";

    public static void AddCallbacks(this IServiceCollection services)
    {
        services.AddOptions<CallbackOptions>().BindConfiguration(CallbackOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<BodyMemory>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<SignatureVerifier>();
        services.AddSingleton<HashBudget>();
        services.AddSingleton<ReceiveClock>();
        services.AddSingleton(provider => DatabaseClock.AskOf(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<DatabaseClock>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabaseClock>());
        services.AddMetrics<ClockMetrics>();
        services.AddSingleton<DeliveryWriter>();
        services.AddSingleton(WriteLimits.Usual);
        services.AddSingleton<WriteProbe>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<Circuit>();
        services.AddSingleton<Inbox>();
        services.AddHostedService(provider => provider.GetRequiredService<Inbox>());
        services.AddSingleton<CallbackReception>();
        services.AddMetrics<CallbackMetrics>();
        services.AddMetrics<CommitMetrics>();
        services.AddMetrics<QueueMetrics>();

        services.AddOptions<UnverifiedOptions>().BindConfiguration(UnverifiedOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<FailureLimiter>();
        services.AddSingleton<UnverifiedInbox>();
        services.AddHostedService(provider => provider.GetRequiredService<UnverifiedInbox>());

        services.AddOptions<SpoolOptions>().BindConfiguration(SpoolOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Spool>();
        services.AddSingleton<EarlierSpoolFolder>();
        services.AddHostedService<SpoolDrain>();
        services.AddMetrics<SpoolMetrics>();
    }

    public static void MapCallbacks(this IEndpointRouteBuilder routes)
    {
        // The middleware after the routing is for readers. The ledger has a row of each that is stored: a line in the log as well is a
        // tenth of what the service does for a callback.
        var callbacks = routes.MapGroup(Path).WithTags(Tag).AllowAnonymous().WithMetadata(new QuietInLog(StatusCodes.Status200OK));
        callbacks.ShortCircuit();

        // Taken once: a request that asks for services is given a scope of its own.
        var reception = routes.ServiceProvider.GetRequiredService<CallbackReception>();
        callbacks.MapPost("/{workspace_id}", (string workspace_id, HttpContext http) => reception.ReceiveAsync(workspace_id, http))
            .WithName("ReceiveCallback")
            .WithSummary("Receives a callback of one workspace: the URL to register with Seasalt")
            .DescribeAnswers();

        callbacks.MapPost("", (Delegate)((HttpContext http) => reception.ReceiveAsync(null, http)))
            .WithName("ReceiveCallbackOfAnyWorkspace")
            .WithSummary("Receives a callback of any workspace; the key that signed it names the workspace")
            .DescribeAnswers();
    }

    private static void DescribeAnswers(this RouteHandlerBuilder route) => route
        .WithDescription("The signature is made over the raw bytes. An analysis is answered after it is committed, or safe in the spool (202); the same "
            + "bytes again are answered with the first delivery's id. What is signed but does not fit the schema is kept and answered 202.")
        .Produces<Receipt>(StatusCodes.Status200OK)
        .Produces<Receipt>(StatusCodes.Status202Accepted)
        .AnswersWith(
            Problem.UnreadableBody(StatusCodes.Status400BadRequest),
            Problem.InvalidSignature(),
            Problem.OtherWorkspace(),
            Problem.UnreadableBody(StatusCodes.Status408RequestTimeout),
            Problem.BodyTooLarge(new CallbackOptions().MaxBodyBytes),
            Problem.UnsupportedEncoding(),
            Problem.TooManyBadSignatures(),
            Problem.Unavailable());
}
