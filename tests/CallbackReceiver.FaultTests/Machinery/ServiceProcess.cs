using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CallbackReceiver.Operations;

namespace CallbackReceiver.FaultTests.Machinery;

/// <summary>What a replica of the service is started with.</summary>
internal sealed record ServiceSettings(Workspace Workspace, string ConnectionString, string SpoolDirectory, long MaxSpoolBytes)
{
    public const string AssemblyName = "CallbackReceiver.dll";

    /// <summary>The service's program: the one that was built with this, unless another version is wanted.</summary>
    public string Assembly { get; init; } = Path.Combine(AppContext.BaseDirectory, AssemblyName);

    /// <summary>Whether an older version reads what this one stores.</summary>
    public bool TranscriptsWithMeetings { get; init; }
}

/// <summary>One replica of the service as an operator runs it, on a port that it keeps over its restarts.</summary>
internal sealed partial class ServiceProcess : IDisposable
{
    private const string NoSecrets = "no-secrets";

    /// <summary>The sender has the answers already.</summary>
    private const string NoRequestLog = "--Serilog:MinimumLevel:Override:Serilog.AspNetCore.RequestLoggingMiddleware=Fatal";

    private readonly string folder;
    private readonly HttpClient http;
    private Process? process;

    /// <param name="folder">A folder of its own, for its log.</param>
    public ServiceProcess(string folder)
    {
        this.folder = Directory.CreateDirectory(folder).FullName;
        Directory.CreateDirectory(Path.Combine(folder, NoSecrets));
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Choose()}"));
        http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(10) };
    }

    public Uri Address { get; }

    /// <summary>What it was last started with; null where it never was.</summary>
    public ServiceSettings? Settings { get; private set; }

    /// <summary>The longest time from SIGTERM to the end.</summary>
    public TimeSpan SlowestStop { get; private set; }

    public bool IsRunning => process is { HasExited: false };

    public string LogFile => Path.Combine(folder, "log");

    public async Task StartAsync(ServiceSettings settings, CancellationToken cancellationToken)
    {
        process?.Dispose();
        Settings = settings;
        process = Process.Start(StartInfo(settings))!;
        await Patience.UntilAsync(() => AnswersAsync(HealthSetup.Path + "/live", cancellationToken), $"a service answers; its log ends with\n{LastLines()}", cancellationToken);
    }

    /// <summary>Starts it as it was.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken) => StartAsync(Settings!, cancellationToken);

    public Task<bool> IsReadyAsync(CancellationToken cancellationToken) => AnswersAsync(HealthSetup.ReadyPath, cancellationToken);

    /// <summary>How many deliveries wait in its spool.</summary>
    public async Task<double> CountSpooledAsync(CancellationToken cancellationToken)
    {
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        return double.Parse(SpooledLine().Match(metrics).Groups["count"].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>kill -9.</summary>
    public void Kill() => Signals.Send(Signal.Kill, process!.Id);

    /// <summary>SIGTERM, as a deployment sends it.</summary>
    /// <exception cref="InvalidOperationException">It did not end as it should.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        Signals.Send(Signal.Terminate, process!.Id);
        await process.WaitForExitAsync(cancellationToken).WaitAsync(Patience.Limit, cancellationToken);
        SlowestStop = new[] { SlowestStop, Stopwatch.GetElapsedTime(started) }.Max();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"a service ended with exit code {process.ExitCode}; its log ends with\n{LastLines()}");
    }

    public string LastLines() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(60)) : "";

    public void Dispose()
    {
        if (IsRunning)
            Kill();
        process?.Dispose();
        http.Dispose();
    }

    private ProcessStartInfo StartInfo(ServiceSettings settings)
    {
        var dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

        // The shell only points the log to a file and becomes the process.
        return new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >> \"$0\" 2>&1", LogFile, dotnet, settings.Assembly, NoRequestLog])
        {
            WorkingDirectory = folder,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["DOTNET_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_URLS"] = Address.ToString(),
                [$"Workspaces__{settings.Workspace.Id}__Keys__0"] = settings.Workspace.SigningKey,
                ["ApiKeys__0__Name"] = "fault-tests",
                ["ApiKeys__0__Sha256"] = settings.Workspace.ApiKeySha256,
                ["ApiKeys__0__Workspaces__0"] = settings.Workspace.Id,
                ["ApiKeys__0__Scopes__0"] = "read",
                ["ConnectionStrings__CallbackReceiver"] = settings.ConnectionString,
                ["Spool__Directory"] = settings.SpoolDirectory,
                ["Spool__MaxBytes"] = settings.MaxSpoolBytes.ToString(CultureInfo.InvariantCulture),
                ["Callbacks__QueueLength"] = "100000", // a machine with much else to do lets more wait; a 503 then means that the spool is full
                ["Callbacks__TranscriptsWithMeetings"] = settings.TranscriptsWithMeetings ? "true" : "false",
                ["Secrets__Directory"] = Path.Combine(folder, NoSecrets),
            },
        };
    }

    [GeneratedRegex(@"^callback_receiver_spool_files(\{.*\})? (?<count>\S+)", RegexOptions.Multiline)]
    private static partial Regex SpooledLine();

    private async Task<bool> AnswersAsync(string path, CancellationToken cancellationToken)
    {
        if (process!.HasExited)
            throw new InvalidOperationException($"a service ended by itself with exit code {process.ExitCode}; its log ends with\n{LastLines()}");
        try
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
