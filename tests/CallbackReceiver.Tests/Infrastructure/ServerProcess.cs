using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A web program of this repository in a process of its own, as in operation, on a free loopback port.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    /// <summary>For a start or an end that comes by itself. No test passes by running into it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(string assembly, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, assembly), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["DOTNET_ENVIRONMENT"] = "Production" },
        };
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException($"{assembly} ended:\n{Log}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public int Id => process.Id;

    /// <summary>The most memory that the process ever had resident, in bytes.</summary>
    public long PeakWorkingSet
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>All that the program has written to its console.</summary>
    public string Log => string.Join('\n', output);

    /// <summary>Starts the program and waits until it listens.</summary>
    /// <param name="assembly">The program's file beside the tests.</param>
    /// <param name="settings">Its configuration, by keys.</param>
    public static async Task<ServerProcess> StartAsync(string assembly, IReadOnlyDictionary<string, string> settings)
    {
        var server = new ServerProcess(assembly, settings);
        try
        {
            server.Address = await server.address.Task.WaitAsync(Patience);
            server.Http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan }) { BaseAddress = server.Address, Timeout = Patience };
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program that is expected to end by itself.</summary>
    /// <returns>Its exit code and all that it wrote.</returns>
    public static async Task<(int ExitCode, string Log)> RunToEndAsync(string assembly, IReadOnlyDictionary<string, string> settings)
    {
        await using var server = new ServerProcess(assembly, settings);
        return (await server.WaitForExitAsync(), server.Log);
    }

    public void Terminate() => Send("TERM");

    public void Kill() => process.Kill();

    /// <summary>Stops the program as container engines do: a signal, and SIGKILL where it has not ended in time.</summary>
    /// <returns>The exit code: 137 where it had to be killed.</returns>
    public async Task<int> StopAsync(TimeSpan within, string signal = "TERM")
    {
        Send(signal);
        try
        {
            await process.WaitForExitAsync().WaitAsync(within);
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        return process.ExitCode;
    }

    public async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (!process.HasExited)
            await StopAsync(TimeSpan.FromSeconds(20));
        process.Dispose();
    }

    private void Send(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        output.Enqueue(line);
        if (ListeningOn().Match(line) is { Success: true } match)
            address.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Now listening on: [\\""]*(http://127\.0\.0\.1:\d+)")]
    private static partial Regex ListeningOn();
}
