namespace SeaMeet.Cli.Import;

/// <summary>Imports many recordings at once: a few that are submitted, and more that wait for their analyses.</summary>
internal sealed class ImportRun(FileImport import, IReadOnlyList<string> files, int submissions, Action<ImportResult> show)
{
    /// <summary>How many wait at once, each asking every few seconds.</summary>
    private const int Waiting = 64;

    private readonly Lock gate = new();
    private readonly HashSet<int> failures = [];
    private int failed;

    public int Failed => failed;

    /// <returns>The exit code: that of the failures where they have the same.</returns>
    public async Task<int> RunAsync(IImportProgress progress, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = submissions + Waiting };
        await Parallel.ForEachAsync(files, options, async (path, _) =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                lock (gate)
                    failures.Add(ExitCode.BrokenOff);
                return;
            }

            var file = progress.Begin(path);
            var result = await import.RunAsync(path, file, cancellationToken);
            file.End(result);
            lock (gate)
                Take(result);
        });
        return failures.Contains(ExitCode.BrokenOff) ? ExitCode.BrokenOff : failures.Count switch
        {
            0 => ExitCode.Success,
            1 => failures.Single(),
            _ => ExitCode.Various,
        };
    }

    private void Take(ImportResult result)
    {
        if (!result.IsSuccess)
        {
            failed++;
            failures.Add(result.ExitCode);
        }

        show(result);
    }
}
