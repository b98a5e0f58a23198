using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Events;

/// <summary>
/// Brings the events of all replicas to the listeners of this one. PostgreSQL notifies; should a notification not come through, such as over
/// a connection pooler that does not know them, the events are looked for now and then.
/// </summary>
internal sealed class EventHub(BackgroundDatabase dataSource, EventBacklog backlog, SchemaMigration migration, ILogger<EventHub> logger) : BackgroundWork
{
    private static readonly TimeSpan LookPause = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, WorkspaceFeed> feeds = new(StringComparer.Ordinal);

    /// <summary>How many listen, to whichever workspace.</summary>
    public int Listeners
    {
        get
        {
            lock (gate)
                return feeds.Values.Sum(feed => feed.Listeners);
        }
    }

    /// <summary>Joins the listeners of a workspace, until <see cref="Leave"/>.</summary>
    public async Task<WorkspaceFeed> JoinAsync(string workspaceId, CancellationToken cancellationToken)
    {
        if (TryJoin(workspaceId, null) is { } feed)
            return feed;
        var state = await backlog.ReadStateAsync(workspaceId, cancellationToken);
        return TryJoin(workspaceId, new WorkspaceFeed(workspaceId, backlog, state.Last))!;
    }

    public void Leave(string workspaceId, WorkspaceFeed feed)
    {
        lock (gate)
        {
            if (--feed.Listeners == 0)
                feeds.Remove(workspaceId);
        }
    }

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        await migration.WhenAppliedAsync(cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var notified = new HashSet<string>(StringComparer.Ordinal);
        connection.Notification += (_, notification) => notified.Add(notification.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {FeedLock.Channel}", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);

        await RefreshAsync(_ => true, cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            var isNotified = await connection.WaitAsync(LookPause, cancellationToken);
            await RefreshAsync(isNotified ? notified.Contains : _ => true, cancellationToken);
            notified.Clear();
        }
    }

    private async Task RefreshAsync(Predicate<string> isWanted, CancellationToken cancellationToken)
    {
        List<WorkspaceFeed> wanted;
        lock (gate)
            wanted = [.. feeds.Where(feed => isWanted(feed.Key)).Select(feed => feed.Value)];
        foreach (var feed in wanted)
            await feed.RefreshAsync(cancellationToken);
    }

    private WorkspaceFeed? TryJoin(string workspaceId, WorkspaceFeed? created)
    {
        lock (gate)
        {
            if (!feeds.TryGetValue(workspaceId, out var feed) && created is not null)
                feeds.Add(workspaceId, feed = created);
            if (feed is not null)
                feed.Listeners++;
            return feed;
        }
    }
}
