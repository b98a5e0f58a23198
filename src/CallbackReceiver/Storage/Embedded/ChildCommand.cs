using System.Diagnostics;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>A program run to its end. It never outlives the wait for it: cancelled or late, it is killed with all it started.</summary>
internal sealed record ChildCommand(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// The variables a child may see. The service's environment holds signing keys and connection strings, and its
    /// PG* variables are meant for clients; neither is the server's business.
    /// </summary>
    private static readonly string[] InheritedVariables =
    [
        "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "TMPDIR",
        "SystemRoot", "SystemDrive", "ComSpec", "TEMP", "TMP", "USERPROFILE", "ProgramData",
    ];

    /// <summary>The operating system's account to run under; null: the service's own.</summary>
    public string? UserName { get; init; }

    /// <summary>Somewhere every account can be: the service's own folder may be closed to the child's user.</summary>
    public string WorkingDirectory { get; init; } = Path.GetPathRoot(AppContext.BaseDirectory) ?? "/";

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Is told the process id once the program runs.</summary>
    public Action<int>? Started { get; init; }

    /// <exception cref="TimeoutException">It was still running after <see cref="TimeLimit"/>, and was killed.</exception>
    public async Task<ChildResult> RunAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeLimit);
        using var process = Process.Start(StartInfo()) ?? throw new InvalidOperationException($"{Program} did not start.");
        Started?.Invoke(process.Id);
        process.StandardInput.Close();
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{Path.GetFileName(Program)} was not done after {TimeLimit.TotalSeconds:0.#} s.");
        }

        return new ChildResult(process.ExitCode, await WhatWasWrittenAsync(output));
    }

    /// <summary>On Windows a server started by the child may hold the pipe's other end for as long as it runs.</summary>
    private static async Task<string> WhatWasWrittenAsync(Task<string[]> output)
    {
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(2)));
        return output.IsCompletedSuccessfully ? string.Concat(await output).Trim() : "";
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            WorkingDirectory = WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Windows: a console of its own, so that Ctrl+C reaches the service alone, which then stops the server in order.
            CreateNoWindow = true,
        };
        if (UserName is not null)
            start.UserName = UserName;
        var inherited = InheritedVariables.Select(name => (Name: name, Value: System.Environment.GetEnvironmentVariable(name))).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in inherited)
        {
            if (value is not null)
                start.Environment[name] = value;
        }

        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return start;
    }
}

/// <param name="ExitCode">Zero: it did what it was asked.</param>
/// <param name="Output">What it wrote, standard output before standard error.</param>
internal sealed record ChildResult(int ExitCode, string Output);
