using SeaMeet.Simulator.Callbacks;

namespace SeaMeet.Simulator.Jobs;

/// <summary>Takes jobs from QUEUED by STARTED to FINISHED or FAILED, and has the callbacks sent.</summary>
internal sealed partial class JobRunner(SimulatorOptions options, Chance chance, CallbackSender callbacks, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<JobRunner> logger)
{
    public void Start(SimulatedJob job) => _ = RunAsync(job, lifetime.ApplicationStopping);

    private async Task RunAsync(SimulatedJob job, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(options.Jobs.Queued, time, stopping);
            job.Start();
            await Task.Delay(options.Jobs.Started, time, stopping);
            if (chance.Happens(options.Jobs.FailureRate))
            {
                job.Fail("The simulator was told to let a share of the jobs fail.");
                LogFailed(logger, job.Id, job.Meeting.Id);
                return;
            }

            job.Finish();
            await callbacks.SendAsync(job, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The simulator stops, and its jobs with it.
        }
        catch (Exception exception)
        {
            LogBroken(logger, exception, job.Id);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Job {JobId} of meeting {MeetingId} FAILED")]
    private static partial void LogFailed(ILogger logger, string jobId, string meetingId);

    [LoggerMessage(2, LogLevel.Error, "Job {JobId} broke the simulator")]
    private static partial void LogBroken(ILogger logger, Exception exception, string jobId);
}
