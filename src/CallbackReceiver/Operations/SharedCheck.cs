using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallbackReceiver.Operations;

/// <summary>
/// A check that anyone may ask for, however often: it runs once at a time and some times a second, and all who ask meanwhile have the same
/// answer. So no number of askers takes connections or the disk from the receiving.
/// </summary>
internal abstract class SharedCheck(TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(250);

    private readonly Lock sync = new();
    private Task<HealthCheckResult>? last;
    private long startedAt;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (sync)
        {
            if (last is null || (last.IsCompleted && (!last.IsCompletedSuccessfully || time.GetElapsedTime(startedAt) >= Fresh)))
            {
                startedAt = time.GetTimestamp();
                last = Task.Run(CheckAsync, CancellationToken.None);
            }

            return last.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Not for one asker alone: it is not cancelled.</summary>
    protected abstract Task<HealthCheckResult> CheckAsync();
}
