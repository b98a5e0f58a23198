using SeaMeet.Simulator;
using SeaMeet.Simulator.Api;
using SeaMeet.Simulator.Callbacks;
using SeaMeet.Simulator.Faults;
using SeaMeet.Simulator.Jobs;
using SeaMeet.Simulator.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
builder.AddSimulatorOptions();
builder.Services.AddApi();
builder.Services.AddStorage();
builder.Services.AddJobs();
builder.Services.AddCallbacks();
builder.Services.AddFaults();

var app = builder.Build();
app.UseNotice();
app.UseFaults();
app.MapApi();
app.MapStorage();
app.MapInspection();
await app.RunAsync();
