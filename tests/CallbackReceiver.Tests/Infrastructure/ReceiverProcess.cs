using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The service as a process of its own, as it runs in production.</summary>
internal sealed partial class ReceiverProcess : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ReceiverProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>All that the process has written, to either stream.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    public static ReceiverProcess Start(string connectionString, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CallbackReceiver.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ConnectionStrings__CallbackReceiver"] = connectionString;
        start.Environment["Spool__MaxBytes"] = "0";
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        return new ReceiverProcess(new Process { StartInfo = start });
    }

    /// <summary>Waits until it takes callbacks.</summary>
    public async Task<Uri> ReadyAsync()
    {
        await Task.WhenAny(address.Task, process.WaitForExitAsync(TestContext.Current.CancellationToken)).WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        Assert.True(address.Task.IsCompleted, "The service ended at its start: " + Output);
        using var client = new CallbackClient(await address.Task);
        await Eventually.TrueAsync(() => client.IsReadyAsync(), "the service's process is ready");
        return await address.Task;
    }

    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<int> ExitCodeAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private void Add(string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(line);
        if (ReceivingAt().Match(line) is { Success: true } match)
            address.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Receiving at [\\""]*(http://127\.0\.0\.1:\d+)[\\""]*/callbacks")]
    private static partial Regex ReceivingAt();
}
