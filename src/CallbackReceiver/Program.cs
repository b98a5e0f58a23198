using System.Text.Encodings.Web;
using System.Text.Json;
using CallbackReceiver;
using CallbackReceiver.Access;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;

// Settings lie beside the program, wherever it is started from.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.ConfigureHttpJsonOptions(json =>
{
    json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
    json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // Chinese as it is, not as \u escapes
});
builder.Services.AddProblems();
builder.Services.AddAccess();
builder.Services.AddStorage(builder.Configuration.GetConnectionString(StorageSetup.ConnectionStringName)!);
builder.Services.AddCallbacks();

var app = builder.Build();
app.UseProblems();
app.MapCallbacks();
await app.RunAsync();
