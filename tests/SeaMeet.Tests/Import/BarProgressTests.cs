using SeaMeet.Cli.Import;
using Spectre.Console;

namespace SeaMeet.Tests.Import;

/// <summary>The bars that a person sees on a terminal.</summary>
public sealed class BarProgressTests
{
    [Fact]
    public async Task Recordings_have_bars_whatever_their_names_and_a_bar_is_used_again_when_its_recording_has_ended()
    {
        using var written = new StringWriter();
        await using var terminal = TextWriter.Synchronized(written);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(terminal) });
        console.Profile.Width = 120;

        var result = await BarProgress.RunAsync(console, files: 3, async progress =>
        {
            foreach (var name in (string[])["first.wav", "[red]second.wav", "third\u001b[2J.wav"])
            {
                var file = progress.Begin("/calls/" + name);
                file.Step("uploads");
                file.Report(new UploadProgress(0, 0));
                file.Report(new UploadProgress(50, 100));
                await DrawnAsync(terminal, written, name[..3]);
                file.End(new ImportResult { File = name, WorkspaceId = "demo", Outcome = "finished" });
            }

            return 7;
        });

        Assert.Equal(7, result);
        Assert.Contains("[red]second.wav", written.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[2J", written.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The bars are drawn by a timer of their own.</summary>
    private static async Task DrawnAsync(TextWriter terminal, StringWriter written, string text)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            lock (terminal) // as its own methods do
            {
                if (written.ToString().Contains(text, StringComparison.Ordinal))
                    return;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"'{text}' was not drawn: {written}");
    }
}
