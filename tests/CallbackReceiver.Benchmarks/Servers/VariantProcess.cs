using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using CallbackReceiver.Access;
using CallbackReceiver.Benchmarks.Baselines;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Operations;

namespace CallbackReceiver.Benchmarks.Servers;

/// <summary>A variant in a process of its own, so that its peak memory is its own.</summary>
internal sealed class VariantProcess : IAsyncDisposable
{
    public const string WorkspaceId = "demo";
    private const string ServiceAssembly = "CallbackReceiver.dll";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Variant variant;
    private readonly Process process;
    private readonly string folder;

    private VariantProcess(Variant variant, Process process, string folder, Target target)
    {
        this.variant = variant;
        this.process = process;
        this.folder = folder;
        Target = target;
    }

    public Target Target { get; }

    public int Id => process.Id;

    private string LogFile => Path.Combine(folder, "log");

    /// <summary>Returns once it is ready to receive.</summary>
    /// <param name="variant">What is started.</param>
    /// <param name="database">Its database.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="apiKey">A key of the query API that may read all workspaces.</param>
    public static async Task<VariantProcess> StartAsync(
        Variant variant, BenchmarkDatabase database, CancellationToken cancellationToken, string? apiKey = null)
    {
        var target = new Target(FreeEndPoint(), WorkspaceId, RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32));
        var folder = Directory.CreateTempSubdirectory("callback-receiver-benchmark-").FullName;
        var start = StartInfo(variant, database, target, folder);
        CheapSockets.Remove(start.Environment);
        if (apiKey is not null)
            AddReader(start.Environment, apiKey);
        var process = Process.Start(start)!;
        var started = new VariantProcess(variant, process, folder, target);
        try
        {
            await started.WaitUntilReadyAsync(cancellationToken);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to stop, and waits until it has answered and stored all that it took.</summary>
    public async Task StopAsync()
    {
        // The runtime sends no signal but SIGKILL.
        using (var signal = Process.Start("/bin/sh", ["-c", $"kill -TERM {process.Id}"]))
            await signal.WaitForExitAsync();
        using var patience = new CancellationTokenSource(StopPatience);
        await process.WaitForExitAsync(patience.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{variant.Name}' ended with exit code {process.ExitCode}:{Environment.NewLine}{LastLines()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static ProcessStartInfo StartInfo(Variant variant, BenchmarkDatabase database, Target target, string folder)
    {
        var secrets = Directory.CreateDirectory(Path.Combine(folder, "secrets"));

        // The shell only points the log to a file and becomes the process: read through a pipe, the log would cost the load generator.
        return new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" > \"$0\" 2>&1", Path.Combine(folder, "log"), .. Command(variant)])
        {
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_URLS"] = $"http://{target.Address}",
                ["ConnectionStrings__CallbackReceiver"] = database.ConnectionString,
                [$"Workspaces__{WorkspaceId}__Keys__0"] = target.SigningKey,
                ["Secrets__Directory"] = secrets.FullName,
                ["Spool__Directory"] = Path.Combine(folder, "spool"),
            },
        };
    }

    private static void AddReader(IDictionary<string, string?> environment, string apiKey)
    {
        environment["ApiKeys__0__Name"] = "benchmark";
        environment["ApiKeys__0__Sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(apiKey)));
        environment["ApiKeys__0__Workspaces__0"] = ApiKey.AllWorkspaces;
        environment["ApiKeys__0__Scopes__0"] = AccessScopes.Read;
        environment["ApiKeys__0__RequestsPerMinute"] = "0"; // no limit
    }

    private static string[] Command(Variant variant)
    {
        var dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var service = Path.Combine(AppContext.BaseDirectory, ServiceAssembly);
        if (variant.IsService)
            return [dotnet, service];

        // With the service's runtime settings: what differs is how a callback is stored, not the garbage collector.
        var benchmarks = typeof(VariantProcess).Assembly.Location;
        return
        [
            dotnet, "exec",
            "--runtimeconfig", Path.ChangeExtension(service, ".runtimeconfig.json"), "--depsfile", Path.ChangeExtension(benchmarks, ".deps.json"),
            benchmarks, BaselineServer.Command, variant.Name,
        ];
    }

    private static IPEndPoint FreeEndPoint()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{Target.Address}") };
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < StartPatience && !process.HasExited; await Task.Delay(Pause, cancellationToken))
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(HealthSetup.ReadyPath, UriKind.Relative), cancellationToken);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }

        throw new InvalidOperationException($"'{variant.Name}' did not start:{Environment.NewLine}{LastLines()}");
    }

    private string LastLines() => string.Join(Environment.NewLine, File.ReadLines(LogFile).TakeLast(20));
}
