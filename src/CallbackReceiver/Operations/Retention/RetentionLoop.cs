using System.Diagnostics;
using CallbackReceiver.Access;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Callbacks.Unverified;
using CallbackReceiver.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CallbackReceiver.Operations.Retention;

/// <summary>
/// Looks at intervals for what is too old, workspace by workspace, and removes it in small transactions with pauses in between. One
/// replica at a time does so: the one that has the advisory lock, on a connection beside the one that does the work.
/// </summary>
internal sealed partial class RetentionLoop(
    ReloadingSetting<RetentionPeriods> periods, IOptions<UnverifiedOptions> unverified, OldData oldData, OldBodies oldBodies, AgeClock clock, SchemaMigration migration,
    BackgroundDatabase dataSource, TimeProvider time, ILogger<RetentionLoop> logger) : BackgroundWork
{
    /// <summary>The ASCII of "old data".</summary>
    private const long AdvisoryLockKey = 0x6F6C642064617461;

    /// <summary>A pause is this many times as long as the batch before it took: at most a fifth of the time is spent on removing.</summary>
    private const int Restraint = 4;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(periods.Current.Interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                if (migration.IsApplied)
                    await RunAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                LogFailed(logger, StorageFailure.Describe(exception));
            }
            catch (ClockException wrong)
            {
                LogWrongClock(logger, wrong.Message);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var alone = await AdvisoryLock.TryTakeAsync(await dataSource.OpenConnectionAsync(cancellationToken), AdvisoryLockKey, cancellationToken);
        if (alone is null)
            return;
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        for (var workspace = await OldData.NextWorkspaceAsync(connection, "", cancellationToken); workspace is not null;
             workspace = await OldData.NextWorkspaceAsync(connection, workspace, cancellationToken))
        {
            await RemoveAsync(connection, workspace, cancellationToken);
        }
    }

    private async Task RemoveAsync(NpgsqlConnection connection, string workspaceId, CancellationToken cancellationToken)
    {
        var now = await clock.ReadAsync(cancellationToken);
        var period = periods.Current.Of(workspaceId);
        var meetings = await RepeatAsync(period.Meetings, before => oldData.RemoveMeetingsAsync(connection, workspaceId, before, cancellationToken));
        var bodies = await RepeatAsync(period.RawBodies, before => oldBodies.ClearAsync(connection, workspaceId, before, ofMeetings: true, cancellationToken));
        bodies += await RepeatAsync(period.Meetings, before => oldBodies.ClearAsync(connection, workspaceId, before, ofMeetings: false, cancellationToken));
        var unverifiedDeliveries = await RepeatAsync(unverified.Value.MaxAge, before => OldData.DeleteUnverifiedAsync(connection, workspaceId, before, cancellationToken));
        var auditRows = await RepeatAsync(period.Audit, before => OldData.DeleteAuditAsync(connection, workspaceId, before, cancellationToken));
        if (meetings + bodies + unverifiedDeliveries + auditRows > 0)
            LogRemoved(logger, workspaceId, meetings, bodies, unverifiedDeliveries, auditRows);

        async Task<int> RepeatAsync(TimeSpan? age, Func<DateTimeOffset, Task<int>> removeBatch)
        {
            var (total, removed) = (0, age is null ? 0 : 1);
            while (removed > 0)
            {
                var started = Stopwatch.GetTimestamp();
                total += removed = await removeBatch(now - age!.Value);
                if (removed > 0)
                    await PauseAsync(Stopwatch.GetElapsedTime(started), cancellationToken);
            }

            return total;
        }
    }

    /// <summary>In the machine's time, whatever the service's clock says: this is about the load.</summary>
    private static Task PauseAsync(TimeSpan work, CancellationToken cancellationToken) =>
        Task.Delay(work * Restraint > ShortestPause ? work * Restraint : ShortestPause, cancellationToken);

    [LoggerMessage(601, LogLevel.Information,
        "Removed by age from workspace {WorkspaceId}: {Meetings} meetings, {Bodies} raw bodies, {Unverified} unverified deliveries, {AuditRows} audit rows")]
    private static partial void LogRemoved(ILogger logger, string workspaceId, int meetings, int bodies, int unverified, int auditRows);

    [LoggerMessage(602, LogLevel.Warning, "Removing by age is put off: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(603, LogLevel.Error, "Nothing is removed by age: {Reason}")]
    private static partial void LogWrongClock(ILogger logger, string reason);
}
