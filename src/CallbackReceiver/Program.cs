using CallbackReceiver;
using CallbackReceiver.Access;
using CallbackReceiver.Answers;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Deliveries;
using CallbackReceiver.Meetings;
using CallbackReceiver.Operations;
using CallbackReceiver.Operations.Logging;
using CallbackReceiver.Operations.Observing;
using CallbackReceiver.Operations.Retention;
using CallbackReceiver.Storage;
using CallbackReceiver.WebConsole;

if (args is [HealthProbe.Command, ..])
    return await HealthProbe.RunAsync(args);

using var signals = new StopSignals();
try
{
    var builder = ServerSetup.CreateBuilder(args);
    var logger = builder.AddLogs();
    await using var ownPostgres = await builder.AddStorageAsync(logger);
    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddServer();
    builder.Services.AddJson();
    builder.AddConsole(); // before the problems: it writes its own as pages
    builder.Services.AddProblems();
    builder.Services.AddAccess();
    builder.Services.AddQueryApi();
    builder.Services.AddCallbacks();
    builder.Services.AddMeetings();
    builder.Services.AddDeliveries();
    builder.Services.AddRetention();
    builder.Services.AddHealth();
    builder.Services.AddOwnPostgresStart(ownPostgres);
    builder.AddTelemetry(logger);
    builder.Services.AddSwaggerDocument();
    builder.Services.AddHostedService<Welcome>();

    await using var app = builder.Build();
    app.UseProxies();
    app.UseRequestLog();
    app.UseProblems();
    app.UseRouting(); // callbacks go no further than this
    app.UseMetricsPort();
    app.UseConsole();
    app.UseReaderRoom();
    app.UseQueryApi();
    app.UseAccess();
    app.UseSecondTry();
    app.MapCallbacks();
    app.MapMeetings();
    app.MapDeliveries();
    app.MapHealth();
    app.MapMetrics();
    app.MapSwaggerDocument();
    app.MapConsole();
    signals.Stop(app.Lifetime);
    await app.RunAsync();
    ownPostgres?.ThrowIfGivenUp();
    return 0;
}
catch (OperationCanceledException) when (signals.HaveCome)
{
    return 0; // before the service had started
}
catch (Exception wrong) when (StartFailure.Explains(wrong))
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}
