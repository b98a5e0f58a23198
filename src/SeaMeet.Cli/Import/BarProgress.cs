using System.Collections.Concurrent;
using Spectre.Console;

namespace SeaMeet.Cli.Import;

/// <summary>
/// Bars on a terminal: one for all, and one for each recording under way, which is used again for another when that one has ended, so that
/// there are never more than are at work.
/// </summary>
internal sealed class BarProgress(ProgressContext context, int files) : IImportProgress
{
    private const int Whole = 100;

    private readonly ProgressTask all = context.AddTask("all recordings", maxValue: files);
    private readonly ConcurrentBag<ProgressTask> free = [];

    public static async Task<T> RunAsync<T>(IAnsiConsole console, int files, Func<IImportProgress, Task<T>> import) =>
        await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(context => import(new BarProgress(context, files)));

    public IFileProgress Begin(string path)
    {
        var name = Markup.Escape(Output.Printable(Path.GetFileName(path)));
        return new FileBar(this, free.TryTake(out var bar) ? bar : context.AddTask(name), name);
    }

    private sealed class FileBar : IFileProgress
    {
        private readonly BarProgress progress;
        private readonly ProgressTask bar;
        private readonly string name;

        public FileBar(BarProgress progress, ProgressTask bar, string name)
        {
            (this.progress, this.bar, this.name) = (progress, bar, name);
            bar.Value = 0;
            bar.MaxValue = Whole;
            bar.IsIndeterminate = true;
            bar.Description = name;
        }

        public void Step(string what)
        {
            bar.IsIndeterminate = true;
            bar.Description = $"{name} {what}";
        }

        public void Report(UploadProgress value)
        {
            bar.IsIndeterminate = false;
            bar.Value = value.Total == 0 ? Whole : Math.Min(Whole - 1, (double)Whole * value.Sent / value.Total); // a full bar would be taken off
        }

        public void End(ImportResult result)
        {
            progress.all.Increment(1);
            progress.free.Add(bar);
        }
    }
}
