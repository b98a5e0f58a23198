using CallbackReceiver.Callbacks;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Works behind the commit: projects changes as soon as there are some, and looks after what they leave (<see cref="Upkeep"/>). Any number of
/// replicas may run it; all that it has to go on with is in the tables. Workspaces take turns of a batch each, so that one with much to project
/// keeps no other waiting for longer than that. It steps back while many callbacks are under way.
/// </summary>
internal sealed partial class Projector(
    BackgroundDatabase dataSource, Projection projection, Upkeep upkeep, ChangeSignal changes, SchemaMigration migration, Inbox inbox, TimeProvider time,
    ILogger<Projector> logger) : BackgroundWork
{
    /// <summary>How often changes are looked for that another replica, or an earlier run, left.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How far apart rounds begin: meanwhile changes gather, and a round costs little more with many than with one. The first change after a
    /// quiet time does not wait.
    /// </summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a workspace whose turn failed waits for the next one.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than its own work the projection waits while many callbacks are under way.</summary>
    private const int StepBack = 9;

    private static readonly TimeSpan LongestStepBack = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, long> failedAt = new(StringComparer.Ordinal);

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await changes.WaitAsync(Pause, cancellationToken);
            if (!migration.IsApplied)
                continue;
            var started = time.GetTimestamp();
            while (await TakeTurnsAsync(cancellationToken))
            {
                // There is more.
            }

            if (Gathering - time.GetElapsedTime(started) is var rest && rest > TimeSpan.Zero)
                await Task.Delay(rest, cancellationToken);
        }
    }

    /// <summary>Each workspace with changes has a turn, again and again until it has none left, or it is time to look for others.</summary>
    /// <returns>Whether there may be more to do.</returns>
    private async Task<bool> TakeTurnsAsync(CancellationToken cancellationToken)
    {
        var looked = time.GetTimestamp();
        var waiting = await ListAsync(dataSource, "SELECT DISTINCT workspace_id FROM changes", cancellationToken);
        while (waiting.Count > 0 && time.GetElapsedTime(looked) < Pause)
        {
            var more = new List<string>();
            foreach (var workspaceId in waiting)
            {
                if (await TurnAsync(workspaceId, () => ProjectAsync(workspaceId, cancellationToken), cancellationToken))
                    more.Add(workspaceId);
            }

            waiting = more;
        }

        var isMoreToSeal = await upkeep.RunAsync((workspaceId, work) => TurnAsync(workspaceId, work, cancellationToken), cancellationToken);
        return waiting.Count > 0 || isMoreToSeal;
    }

    private async Task<bool> ProjectAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var (isAny, isMore) = await projection.ApplyAsync(workspaceId, cancellationToken);
        if (isAny)
            upkeep.Changed(workspaceId);
        return isMore;
    }

    /// <summary>
    /// Does some of a workspace's work. Where it fails, whatever the reason, the other workspaces go on: it has no turn for a while. Only where
    /// the connection failed is it nobody's fault.
    /// </summary>
    /// <returns>Whether the workspace has more to do.</returns>
    private async Task<bool> TurnAsync(string workspaceId, Func<Task<bool>> work, CancellationToken cancellationToken)
    {
        if (failedAt.TryGetValue(workspaceId, out var failed))
        {
            if (time.GetElapsedTime(failed) < PauseAfterFailure)
                return false;
            failedAt.Remove(workspaceId);
        }

        try
        {
            return await PacedAsync(work, cancellationToken);
        }
        catch (Exception exception) when (exception is PostgresException or not (NpgsqlException or OperationCanceledException))
        {
            failedAt[workspaceId] = time.GetTimestamp();
            if (exception is NpgsqlException failure && StorageFailure.IsReadOnly(failure))
                dataSource.DataSource.Clear(); // these connections would stay with a server that is a standby now: new ones find the primary
            LogTurnFailed(logger, workspaceId, StorageFailure.Describe(exception));
            return false;
        }
    }

    private async Task<bool> PacedAsync(Func<Task<bool>> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var isMore = await work();
        if (inbox.IsBusy)
            await Task.Delay(TimeSpan.FromTicks(Math.Min(time.GetElapsedTime(started).Ticks * StepBack, LongestStepBack.Ticks)), cancellationToken);
        return isMore;
    }

    /// <summary>Reads workspaces, the first column of a statement.</summary>
    public static async Task<List<string>> ListAsync(BackgroundDatabase dataSource, string sql, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var workspaces = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            workspaces.Add(reader.GetString(0));
        return workspaces;
    }

    [LoggerMessage(204, LogLevel.Warning, "What is behind the commit of workspace {WorkspaceId} failed, and is tried again in a while: {Reason}")]
    private static partial void LogTurnFailed(ILogger logger, string workspaceId, string reason);
}
