namespace SeaMeet.Cli.Import;

/// <summary>A line a step, for where no bar can be drawn: a log, a pipe.</summary>
internal sealed class PlainProgress : IImportProgress
{
    public IFileProgress Begin(string path) => new FileLines(Path.GetFileName(path));

    private sealed class FileLines(string name) : IFileProgress
    {
        public void Step(string what) => Console.Error.WriteLine($"{name}: {what}");

        public void Report(UploadProgress value)
        {
            // The line that says that it uploads is enough.
        }

        public void End(ImportResult result) => Console.Error.WriteLine($"{name}: {result.Outcome}{(result.MeetingId is { } id ? $", meeting {id}" : "")}");
    }
}
