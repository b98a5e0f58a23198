using CallbackReceiver.Callbacks;
using CallbackReceiver.Meetings.Events;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Works behind the commit: projects changes as soon as there are some, and closes blocks and trims the events
/// now and then. Any number of replicas may run it;
/// all that it has to go on with is in the tables. It steps back while callbacks wait to be stored.
/// </summary>
internal sealed partial class Projector(
    NpgsqlDataSource dataSource, Projection projection, BlockSealer sealer, EventBacklog backlog, ChangeSignal changes, SchemaMigration migration, Inbox inbox,
    TimeProvider time, ILogger<Projector> logger) : BackgroundWork
{
    /// <summary>How often changes are looked for that another replica, or an earlier run, left.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan SealPause = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than its own work the projection waits while callbacks do.</summary>
    private const int StepBack = 9;

    private static readonly TimeSpan LongestStepBack = TimeSpan.FromSeconds(1);

    private DateTimeOffset nextSeal;

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await changes.WaitAsync(Pause, cancellationToken);
                if (migration.IsApplied)
                    await RunAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or TimeoutException or OperationCanceledException)
            {
                LogFailed(logger, exception.Message);
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var workspaceId in await ListAsync("SELECT DISTINCT workspace_id FROM changes", cancellationToken))
        {
            while (await PacedAsync(async () => await projection.ApplyAsync(workspaceId, cancellationToken) > 0, cancellationToken))
                await SealAsync(cancellationToken);
        }

        await SealAsync(cancellationToken);
    }

    private async Task SealAsync(CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() < nextSeal)
            return;
        foreach (var workspaceId in await ListAsync("SELECT DISTINCT workspace_id FROM search_blocks WHERE terms IS NULL", cancellationToken))
        {
            while (await PacedAsync(() => sealer.SealAsync(workspaceId, cancellationToken), cancellationToken))
            {
                // There is more.
            }

            await backlog.TrimAsync(workspaceId, cancellationToken);
        }

        nextSeal = time.GetUtcNow() + SealPause;
    }

    private async Task<bool> PacedAsync(Func<Task<bool>> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var isMore = await work();
        if (inbox.Queued > 0)
            await Task.Delay(TimeSpan.FromTicks(Math.Min(time.GetElapsedTime(started).Ticks * StepBack, LongestStepBack.Ticks)), cancellationToken);
        return isMore;
    }

    private async Task<List<string>> ListAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var workspaces = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            workspaces.Add(reader.GetString(0));
        return workspaces;
    }

    [LoggerMessage(621, LogLevel.Warning, "What is behind the commit was not projected; trying again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
