using SeaMeet.Cli;
using SeaMeet.Cli.Import;
using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.Import;

/// <summary>What a broken run leaves for the next one.</summary>
public sealed class JournalTests : IDisposable
{
    private static readonly Uri Api = new("https://seameet.test/");

    private readonly TestFolder folder = new();

    [Fact]
    public void The_latest_line_of_a_recording_counts()
    {
        var path = folder.WriteTone();
        using (var journal = Journal.Open(folder.JournalPath))
        {
            var entry = journal.Write(journal.Find(Api, "demo", path) with { Step = Step.Creating });
            journal.Write(entry with { Step = Step.Created, MeetingId = "m" });
        }

        using var reopened = Journal.Open(folder.JournalPath);
        Assert.Equal((Step.Created, "m"), (reopened.Find(Api, "demo", path).Step, reopened.Find(Api, "demo", path).MeetingId));
    }

    [Fact]
    public void A_line_that_was_broken_off_is_passed_over_and_the_next_one_is_whole()
    {
        var path = folder.WriteTone();
        using (var journal = Journal.Open(folder.JournalPath))
            journal.Write(journal.Find(Api, "demo", path) with { Step = Step.Creating });
        File.AppendAllText(folder.JournalPath, """{"api":"https://seam""");

        using (var journal = Journal.Open(folder.JournalPath))
        {
            Assert.Equal(Step.Creating, journal.Find(Api, "demo", path).Step);
            journal.Write(journal.Find(Api, "demo", path) with { Step = Step.Created, MeetingId = "m" });
        }

        using var reopened = Journal.Open(folder.JournalPath);
        Assert.Equal(Step.Created, reopened.Find(Api, "demo", path).Step);
    }

    [Fact]
    public void Another_content_workspace_or_api_is_another_recording()
    {
        var path = folder.WriteTone();
        using var journal = Journal.Open(folder.JournalPath);
        journal.Write(journal.Find(Api, "demo", path) with { Step = Step.Arrived });

        Assert.Equal(Step.None, journal.Find(Api, "other", path).Step);
        Assert.Equal(Step.None, journal.Find(new Uri("https://other.test/"), "demo", path).Step);
        File.AppendAllText(path, "more");
        Assert.Equal(Step.None, journal.Find(Api, "demo", path).Step);
    }

    [Fact]
    public void Two_processes_do_not_have_one_journal()
    {
        using var journal = Journal.Open(folder.JournalPath);

        Assert.Equal(ExitCode.FileMissing, Assert.Throws<CommandException>(() => Journal.Open(folder.JournalPath)).ExitCode);
    }

    public void Dispose() => folder.Dispose();
}
