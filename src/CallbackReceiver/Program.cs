using CallbackReceiver;
using CallbackReceiver.Access;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Operations;
using CallbackReceiver.Storage;

if (args is [HealthProbe.Command])
    return await HealthProbe.RunAsync();

// Settings lie beside the program, wherever it is started from.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Configuration.AddSecretFiles();
builder.AddLogs();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddJson();
builder.Services.AddProblems();
builder.Services.AddAccess();
builder.Services.AddStorage(builder.Configuration.GetConnectionString(StorageSetup.ConnectionStringName)!);
builder.Services.AddCallbacks();
builder.Services.AddHealth();
builder.Services.AddHostedService<Welcome>();

var app = builder.Build();
app.UseRequestLog();
app.UseProblems();
app.MapCallbacks();
app.MapHealth();
await app.RunAsync();
return 0;
