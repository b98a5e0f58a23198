#:property PublishAot=false

// The loop on this machine, without Docker: `dotnet run demo.cs` starts the callback receiver and a simulator of SeaMeet that sends it
// callbacks, with matching demo keys, and says what to do next. Ctrl+C stops both.
// Ports other than 8080 and 8090: the environment variables CALLBACK_RECEIVER_PORT and SEAMEET_SIMULATOR_PORT.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

var root = Folder();
var receiver = $"http://127.0.0.1:{Port("CALLBACK_RECEIVER_PORT", "8080")}";
var simulator = $"http://127.0.0.1:{Port("SEAMEET_SIMULATOR_PORT", "8090")}";

using var stopping = new CancellationTokenSource();
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

// One after the other, since both build.
using var receiving = Start("src/CallbackReceiver", receiver);
using var simulating = await BecomesReadyAsync(receiving, receiver + "/healthz/ready") ? Start("src/SeaMeet.Simulator", simulator) : null;
if (simulating is not null && await BecomesReadyAsync(simulating, simulator))
{
    Console.WriteLine($"""

        Receiver and simulator are running. In another terminal, in the same folder:

        export SEAMEET_URL_BASE={simulator}/seameet-api SEAMEET_WORKSPACE_ID=demo SEAMEET_ACCESS_TOKEN=demo-access-token
        export SEAMEET_RECEIVER={receiver} SEAMEET_RECEIVER_API_KEY=demo-api-key
        dotnet run --project src/SeaMeet.Cli -- sample call.wav
        dotnet run --project src/SeaMeet.Cli -- import call.wav

        """);
    await Task.WhenAny(receiving.WaitForExitAsync(), simulating.WaitForExitAsync(), Task.Delay(Timeout.Infinite, stopping.Token));
}

var wasAsked = stopping.IsCancellationRequested;
foreach (var process in new[] { simulating, receiving })
    await StopAsync(process);
return wasAsked ? 0 : 1;

static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

static string Port(string variable, string otherwise) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } port ? port : otherwise;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}

Process Start(string project, string address)
{
    var start = new ProcessStartInfo("dotnet", ["run", "--project", Path.Combine(root, project), "--", "--urls", address]);
    start.Environment["Simulator__Workspaces__demo__CallbackUrl"] = receiver + "/callbacks/demo";
    start.Environment["Simulator__Workspaces__demo__SigningKey"] = "kW3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA"; // as in appsettings.Development.json
    return Process.Start(start)!;
}

async Task<bool> BecomesReadyAsync(Process process, string address)
{
    using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
    while (!process.HasExited && !stopping.IsCancellationRequested)
    {
        try
        {
            using var answer = await http.GetAsync(address, stopping.Token);
            if (answer.IsSuccessStatusCode)
                return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            // Not yet, or not any more.
        }

        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(200));
    }

    return false;
}

// Ctrl+C reaches the children by itself; SIGTERM does not.
async Task StopAsync(Process? process)
{
    if (process is null or { HasExited: true })
        return;
    if (!OperatingSystem.IsWindows())
        Process.Start("kill", ["-TERM", process.Id.ToString()]).WaitForExit();
    await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(40)));
    if (!process.HasExited)
        process.Kill(entireProcessTree: true);
}
