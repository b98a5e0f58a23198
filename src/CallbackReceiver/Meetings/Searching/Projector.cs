using CallbackReceiver.Callbacks;
using CallbackReceiver.Meetings.Events;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Works behind the commit: projects changes as soon as there are some, and now and then closes blocks, trims the events, and looks for what
/// was left out. Any number of replicas may run it; all that it has to go on with is in the tables. It steps back while many callbacks are
/// under way.
/// </summary>
internal sealed class Projector(
    NpgsqlDataSource dataSource, Projection projection, BlockSealer sealer, EventBacklog backlog, Omissions omissions, ChangeSignal changes,
    SchemaMigration migration, Inbox inbox, TimeProvider time, ILogger<Projector> logger) : BackgroundWork
{
    /// <summary>How often changes are looked for that another replica, or an earlier run, left.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan SealPause = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than its own work the projection waits while many callbacks are under way.</summary>
    private const int StepBack = 9;

    private static readonly TimeSpan LongestStepBack = TimeSpan.FromSeconds(10);

    private long? sealedAt;

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await changes.WaitAsync(Pause, cancellationToken);
            if (migration.IsApplied)
                await RunAsync(cancellationToken);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var workspaces = await ListAsync("SELECT DISTINCT workspace_id FROM changes", cancellationToken);
        await OneByOneAsync(workspaces, async workspaceId =>
        {
            while (await PacedAsync(async () => await projection.ApplyAsync(workspaceId, cancellationToken) > 0, cancellationToken))
                await SealAsync(cancellationToken);
        });
        await SealAsync(cancellationToken);
    }

    private async Task SealAsync(CancellationToken cancellationToken)
    {
        if (sealedAt is { } last && time.GetElapsedTime(last) < SealPause)
            return;
        sealedAt = time.GetTimestamp();
        var workspaces = await ListAsync("SELECT DISTINCT workspace_id FROM search_blocks WHERE terms IS NULL", cancellationToken);
        await OneByOneAsync(workspaces, async workspaceId =>
        {
            while (await PacedAsync(() => sealer.SealAsync(workspaceId, cancellationToken), cancellationToken))
            {
                // There is more.
            }

            await backlog.TrimAsync(workspaceId, cancellationToken);
        });
        await omissions.FindAsync(cancellationToken);
        sealedAt = time.GetTimestamp();
    }

    /// <summary>One workspace that PostgreSQL refuses keeps no other from its turn.</summary>
    private static async Task OneByOneAsync(List<string> workspaces, Func<string, Task> work)
    {
        PostgresException? refusal = null;
        foreach (var workspaceId in workspaces)
        {
            try
            {
                await work(workspaceId);
            }
            catch (PostgresException exception)
            {
                refusal = exception;
            }
        }

        if (refusal is not null)
            throw refusal;
    }

    private async Task<bool> PacedAsync(Func<Task<bool>> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var isMore = await work();
        if (inbox.IsBusy)
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
}
