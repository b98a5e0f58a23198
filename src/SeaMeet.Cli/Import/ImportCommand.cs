using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using SeaMeet.Cli.Meetings;
using SeaMeet.Cli.Receiving;

namespace SeaMeet.Cli.Import;

/// <summary><c>seameet import</c>: creates meetings, uploads recordings, has them analysed, and brings the analyses back.</summary>
internal sealed class ImportCommand
{
    private readonly Connection connection = new();
    private readonly Receiver receiver = new();
    private readonly MeetingSettings meeting = new();
    private readonly AnalysisSettings analysis = new();

    private readonly Argument<string[]> paths = new("FILES") { Description = "Recordings, and folders with recordings.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> wavPath = Setting.Text("--wav-path", "A recording: what FILES is, as the vendor's script names it.");
    private readonly Option<string?> wavName = Setting.Text("--wav-name", "The name of the recording at SeaMeet, where there is one (its file's name).");
    private readonly Option<string?> meetingName = Setting.Text("--meeting-name", "The name of the meeting, where there is one recording (its file's name).");
    private readonly Option<string?> meetingId = Setting.Text("--meeting-id", "A meeting that exists, where there is one recording: none is created.");
    private readonly Option<bool> json = new("--json") { Description = "Writes a line of JSON a recording to standard output." };
    private readonly Option<WaitFor?> waitFor = new("--wait-for") { Description = "nothing, job or analysis (analysis where --receiver is given, else job)." };
    private readonly Option<double> waitLimit = Setting.Seconds("--timeout", "How long to wait for a job, and then for its analysis.", TimeSpan.FromHours(2));
    private readonly Option<double> pollInterval = Setting.Seconds("--poll-interval", "The pause between two questions for a job or an analysis.", TimeSpan.FromSeconds(3));
    private readonly Option<int> parallel = Setting.Count("--parallel", "How many recordings are submitted at once.", 4);
    private readonly Option<string> journalPath = new("--journal") { Description = "The file that notes each step.", HelpName = "FILE", DefaultValueFactory = _ => Journal.DefaultPath };
    private readonly Option<bool> retryUncertain = new("--retry-uncertain") { Description = "Does again what may or may not have been done: creating a meeting, starting an analysis." };
    private readonly Option<bool> again = new("--again") { Description = "Imports once more, as new meetings, recordings that the journal has as imported." };

    public static Command Create() => new ImportCommand().Build();

    private Command Build()
    {
        var command = new Command("import", "Creates a meeting for each recording, uploads it, has it analysed, and waits for the analysis. A run that broke off goes on where it was.") { paths };
        connection.AddTo(command);
        receiver.AddTo(command);
        foreach (var option in (Option[])[wavPath, wavName, meetingName, meetingId])
            command.Options.Add(option);
        meeting.AddTo(command);
        analysis.AddTo(command);
        foreach (var option in (Option[])[json, waitFor, waitLimit, pollInterval, parallel, journalPath, retryUncertain, again])
            command.Options.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellationToken)
    {
        var files = Files(command);
        var workspaceId = connection.WorkspaceId(command);
        await using var services = connection.Open(command);
        using var reader = receiver.Open(command, workspaceId);
        var plan = Plan(command, workspaceId, reader is not null);
        if (plan.WaitFor == WaitFor.Analysis)
            await (reader ?? throw new CommandException(ExitCode.Usage, "--wait-for analysis needs the receiver: --receiver, or the environment variable SEAMEET_RECEIVER.")).CheckAsync(cancellationToken);

        using var journal = Journal.Open(command.GetValue(journalPath)!);
        using var submissions = new SemaphoreSlim(command.GetValue(parallel));
        var import = new FileImport(services.GetRequiredService<SeaMeetClient>(), plan.WaitFor == WaitFor.Analysis ? reader : null, plan, journal, submissions);
        var results = new ResultOutput(command.GetValue(json), single: files.Count == 1);
        var run = new ImportRun(import, files, command.GetValue(parallel), results.Show);
        var exitCode = Console.IsErrorRedirected || !Output.Progress.Profile.Capabilities.Ansi
            ? await run.RunAsync(new PlainProgress(), cancellationToken)
            : await BarProgress.RunAsync(Output.Progress, files.Count, progress => run.RunAsync(progress, cancellationToken));
        results.End(files.Count, run.Failed, journal.FilePath);
        return exitCode;
    }

    private IReadOnlyList<string> Files(ParseResult command)
    {
        var files = Recordings.Of([.. command.GetValue(paths) ?? [], .. command.GetValue(wavPath) is { } path ? [path] : Array.Empty<string>()]);
        if (files.Count == 0)
            throw new CommandException(ExitCode.Usage, "There is nothing to import: name recordings, or folders with recordings.");
        foreach (var option in (Option<string?>[])[wavName, meetingName, meetingId])
        {
            if (files.Count > 1 && command.GetValue(option) is not null)
                throw new CommandException(ExitCode.Usage, $"{option.Name} is for one recording; here are {files.Count}.");
        }

        return files;
    }

    private ImportPlan Plan(ParseResult command, string workspaceId, bool hasReceiver) => new()
    {
        Api = connection.Address(command),
        WorkspaceId = workspaceId,
        Meeting = file => meeting.Read(command, command.GetValue(meetingName) ?? Path.GetFileNameWithoutExtension(file.Name)),
        Analysis = (file, name) => analysis.Read(command, file, name),
        MeetingId = command.GetValue(meetingId),
        FileName = command.GetValue(wavName),
        UsesExistingAudio = analysis.UsesExistingAudio(command),
        WaitFor = command.GetValue(waitFor) ?? (hasReceiver ? WaitFor.Analysis : WaitFor.Job),
        RetryUncertain = command.GetValue(retryUncertain),
        Again = command.GetValue(again),
        PollInterval = command.GetSpan(pollInterval),
        WaitLimit = command.GetSpan(waitLimit),
    };
}
