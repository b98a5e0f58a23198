using SeaMeet.Cli.Receiving;

namespace SeaMeet.Cli.Import;

/// <summary>Takes one recording from wherever the journal says it is to its analysis. Each method is one step, or finds it done.</summary>
internal sealed class FileImport(SeaMeetClient seaMeet, ReceiverClient? receiver, ImportPlan plan, Journal journal, SemaphoreSlim submissions)
{
    private const string GoOn = "The same command goes on from here.";

    /// <summary>Never throws for what is wrong with this recording: that is its result.</summary>
    public async Task<ImportResult> RunAsync(string path, IFileProgress progress, CancellationToken cancellationToken)
    {
        JournalEntry? entry = null;
        try
        {
            var file = await AudioFile.InspectAsync(path, cancellationToken);
            entry = Begin(file);
            var wasDone = entry.Step == Step.Arrived;
            if (wasDone)
                progress.Step("was imported before; --again imports it once more");
            await submissions.WaitAsync(cancellationToken);
            try
            {
                entry = await CreateAsync(entry, file, progress, cancellationToken);
                entry = await UploadAsync(entry, file, progress, cancellationToken);
                entry = await StartAsync(entry, file, progress, cancellationToken);
            }
            finally
            {
                submissions.Release();
            }

            if (plan.WaitFor == WaitFor.Nothing)
                return Result(path, entry, "submitted");
            entry = await WaitForJobAsync(entry, progress, cancellationToken);
            if (plan.WaitFor == WaitFor.Job)
                return Result(path, entry, "finished");
            return await FetchAsync(path, entry, wasDone, progress, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Failure(path, Latest(entry), ExitCode.BrokenOff, "Broken off.");
        }
        catch (Exception exception) when (ExitCode.Of(exception) is { } exitCode)
        {
            return Failure(path, Latest(entry), exitCode, exception.Message);
        }
    }

    private JournalEntry Begin(AudioFile file)
    {
        var entry = journal.Find(plan.Api, plan.WorkspaceId, file.Path);
        if (plan.Again && entry.Step >= Step.Finished)
            entry = entry with { Step = Step.None, MeetingId = null, FileName = null, JobId = null, KnownDelivery = null };
        if (plan.MeetingId is { } meetingId && entry.MeetingId != meetingId)
            entry = journal.Write(entry with { Step = Step.Created, MeetingId = meetingId, FileName = null, JobId = null }, durable: true);
        return entry;
    }

    /// <summary>What the journal holds of the recording by now: a step that failed may have noted more than was returned.</summary>
    private JournalEntry? Latest(JournalEntry? entry) => entry is null ? null : journal.Find(entry.Key) ?? entry;

    private async Task<JournalEntry> CreateAsync(JournalEntry entry, AudioFile file, IFileProgress progress, CancellationToken cancellationToken)
    {
        if (entry.Step >= Step.Created)
            return entry;
        if (entry.Step == Step.Creating && !plan.RetryUncertain)
        {
            throw new CommandException(ExitCode.Uncertain,
                "An earlier import did not learn whether SeaMeet created the meeting. Look for it at SeaMeet: if it is there, go on with --meeting-id ID; if not, with --retry-uncertain.");
        }

        progress.Step("creates the meeting");
        cancellationToken.ThrowIfCancellationRequested();
        entry = journal.Write(entry with { Step = Step.Creating }, durable: true);
        try
        {
            using var grace = new Grace(cancellationToken);
            var meeting = await seaMeet.CreateMeetingAsync(plan.WorkspaceId, plan.Meeting(file), grace.Token);
            return journal.Write(entry with { Step = Step.Created, MeetingId = meeting.Id }, durable: true);
        }
        catch (SeaMeetException refused) when (!refused.MayHaveBeenDone)
        {
            journal.Write(entry with { Step = Step.None });
            throw;
        }
    }

    private async Task<JournalEntry> UploadAsync(JournalEntry entry, AudioFile file, IFileProgress progress, CancellationToken cancellationToken)
    {
        if (entry.Step >= Step.Uploaded)
            return entry;
        var name = plan.FileName ?? file.Name;
        if (!plan.UsesExistingAudio)
        {
            progress.Step("uploads");
            name = await seaMeet.UploadAsync(plan.WorkspaceId, entry.MeetingId!, file, name, progress, cancellationToken);
        }

        return journal.Write(entry with { Step = Step.Uploaded, FileName = name });
    }

    /// <summary>A job that failed is started anew: that it failed is known.</summary>
    private async Task<JournalEntry> StartAsync(JournalEntry entry, AudioFile file, IFileProgress progress, CancellationToken cancellationToken)
    {
        if (entry.Step >= Step.Started && entry.Step != Step.Failed)
            return entry;
        if (entry.Step == Step.Starting && !plan.RetryUncertain)
        {
            return plan.WaitFor == WaitFor.Analysis
                ? entry // if it was started, its analysis comes without more ado
                : throw new CommandException(ExitCode.Uncertain, "An earlier import did not learn whether SeaMeet started the analysis. Starting it once more: --retry-uncertain.");
        }

        progress.Step("starts the analysis");
        cancellationToken.ThrowIfCancellationRequested();
        var known = receiver is null ? null : ReceiverClient.DeliveryOf(await receiver.FindAsync(entry.MeetingId!, cancellationToken));
        entry = journal.Write(entry with { Step = Step.Starting, JobId = null, KnownDelivery = known }, durable: true);
        try
        {
            using var grace = new Grace(cancellationToken);
            var job = await seaMeet.RunAnalysisAsync(plan.WorkspaceId, entry.MeetingId!, plan.Analysis(file, entry.FileName!), grace.Token);
            return journal.Write(entry with { Step = Step.Started, JobId = job.Id }, durable: true);
        }
        catch (SeaMeetException refused) when (!refused.MayHaveBeenDone)
        {
            // Where SeaMeet does not have the recording, it has to be uploaded first.
            journal.Write(entry with { Step = refused.Error == SeaMeetError.AudioNotFound && !plan.UsesExistingAudio ? Step.Created : Step.Uploaded });
            throw;
        }
        catch (SeaMeetException uncertain) when (uncertain.MayHaveBeenDone && plan.WaitFor == WaitFor.Analysis)
        {
            progress.Step("waits, as the answer to the start was lost");
            return entry;
        }
    }

    private async Task<JournalEntry> WaitForJobAsync(JournalEntry entry, IFileProgress progress, CancellationToken cancellationToken)
    {
        if (entry.Step >= Step.Finished || entry.JobId is null)
            return entry;
        progress.Step("waits for the job");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(plan.WaitLimit);
        Job job;
        try
        {
            job = await seaMeet.WaitForJobAsync(plan.WorkspaceId, entry.JobId, plan.PollInterval, cancellationToken: limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.JobUnfinished, $"The job {entry.JobId} has not ended within {plan.WaitLimit.TotalSeconds:0} seconds.");
        }

        if (job.Status == JobStatus.Finished)
            return journal.Write(entry with { Step = Step.Finished });
        journal.Write(entry with { Step = Step.Failed });
        throw new CommandException(ExitCode.JobFailed, $"The job {job.Id} has failed: {job.ErrorMessage ?? "SeaMeet gives no reason"}");
    }

    private async Task<ImportResult> FetchAsync(string path, JournalEntry entry, bool wasDone, IFileProgress progress, CancellationToken cancellationToken)
    {
        progress.Step("waits for the analysis");
        try
        {
            var meeting = await receiver!.WaitForAsync(entry.MeetingId!, wasDone ? null : entry.KnownDelivery, plan.PollInterval, plan.WaitLimit, cancellationToken);
            if (!wasDone)
                entry = journal.Write(entry with { Step = Step.Arrived });
            return Result(path, entry, "arrived") with { Analysis = meeting };
        }
        catch (CommandException missing) when (missing.ExitCode == ExitCode.NotArrived && entry.Step == Step.Starting)
        {
            throw new CommandException(ExitCode.Uncertain,
                $"{missing.Message} The answer to its start was lost, so that it may not have been started. Starting it once more: --retry-uncertain.");
        }
    }

    private ImportResult Result(string path, JournalEntry entry, string outcome) =>
        new() { File = path, WorkspaceId = plan.WorkspaceId, Outcome = outcome, MeetingId = entry.MeetingId, JobId = entry.JobId };

    /// <summary>Names what is left behind.</summary>
    private ImportResult Failure(string path, JournalEntry? entry, int exitCode, string message)
    {
        var left = entry switch
        {
            { MeetingId: { } meetingId, Step: < Step.Starting or Step.Failed } =>
                $" The meeting {meetingId} exists at SeaMeet without an analysis. {GoOn} To be rid of it: seameet meetings delete {meetingId}",
            { MeetingId: { } meetingId } => $" The meeting {meetingId} exists at SeaMeet. {GoOn}",
            { Step: Step.Creating } => " Whether the meeting exists at SeaMeet is not known, so that it is not created again by itself. Look for it there: if it exists, go on with --meeting-id ID; if not, with --retry-uncertain.",
            _ => "",
        };
        // The journal's own message about an uncertain meeting says so already.
        if (entry is { Step: Step.Creating } && message.Contains("--retry-uncertain", StringComparison.Ordinal))
            left = "";
        return new ImportResult
        {
            File = path,
            WorkspaceId = plan.WorkspaceId,
            Outcome = "failed",
            ExitCode = exitCode,
            MeetingId = entry?.MeetingId,
            JobId = entry?.JobId,
            Message = message + left,
        };
    }
}
