using CallbackReceiver;
using CallbackReceiver.Access;
using CallbackReceiver.Answers;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Deliveries;
using CallbackReceiver.Meetings;
using CallbackReceiver.Operations;
using CallbackReceiver.Operations.Observing;
using CallbackReceiver.Operations.Retention;
using CallbackReceiver.Storage;

if (args is [HealthProbe.Command])
    return await HealthProbe.RunAsync();

try
{
    // Settings lie beside the program, wherever it is started from. Nothing of IIS, HTTP/3 and the like is loaded.
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.WebHost.UseKestrelHttpsConfiguration();
    builder.Configuration.AddSecretFiles();
    var logger = builder.AddLogs();
    await using var ownPostgres = await builder.AddStorageAsync(logger);
    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddServer();
    builder.Services.AddJson();
    builder.Services.AddProblems();
    builder.Services.AddAccess();
    builder.Services.AddQueryApi();
    builder.Services.AddCallbacks();
    builder.Services.AddMeetings();
    builder.Services.AddDeliveries();
    builder.Services.AddRetention();
    builder.Services.AddHealth();
    builder.AddTelemetry(logger);
    builder.Services.AddSwaggerDocument();
    builder.Services.AddHostedService<Welcome>();

    await using var app = builder.Build();
    app.UseMetricsPort();
    app.UseProxies();
    app.UseRequestLog();
    app.UseProblems();
    app.UseRouting(); // callbacks go no further than this
    app.UseReaderRoom();
    app.UseQueryApi();
    app.UseAccess();
    app.MapCallbacks();
    app.MapMeetings();
    app.MapDeliveries();
    app.MapHealth();
    app.MapMetrics();
    app.MapSwaggerDocument();
    await app.RunAsync();
    return 0;
}
catch (Exception wrong) when (StartFailure.Explains(wrong))
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}
