using System.Diagnostics;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Events;

/// <summary>
/// Tells the listeners of this replica that there are events of whichever replica. PostgreSQL notifies; should a notification not come
/// through, such as over a connection pooler that does not know them, the events are looked for now and then.
/// </summary>
internal sealed class EventHub(BackgroundDatabase dataSource, EventBacklog backlog, SchemaMigration migration, ILogger<EventHub> logger) : BackgroundWork
{
    private const string SelectLast = "SELECT workspace_id, last_event_id FROM feeds WHERE workspace_id = ANY ($1)";

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

    /// <summary>Joins the listeners of a workspace, until <see cref="Leave"/>: of what is committed from now on they are told.</summary>
    public WorkspaceFeed Join(string workspaceId)
    {
        lock (gate)
        {
            if (!feeds.TryGetValue(workspaceId, out var feed))
                feeds.Add(workspaceId, feed = new WorkspaceFeed(workspaceId, backlog, logger));
            feed.Listeners++;
            return feed;
        }
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

        while (!cancellationToken.IsCancellationRequested)
        {
            await RefreshAsync(_ => true, cancellationToken);
            var looked = Stopwatch.GetTimestamp();

            // However often PostgreSQL notifies, and of whatever: all are looked at again when it is time.
            while (LookPause - Stopwatch.GetElapsedTime(looked) is var rest && rest > TimeSpan.Zero)
            {
                if (notified.Count == 0 && !await connection.WaitAsync(rest, cancellationToken))
                    break;
                string[] workspaces = [.. notified];
                notified.Clear();
                await RefreshAsync(workspaces.Contains, cancellationToken);
            }
        }
    }

    /// <summary>Asks for numbers only, for all workspaces at once: what is wrong with an event of one is none of the others' business.</summary>
    private async Task RefreshAsync(Predicate<string> isWanted, CancellationToken cancellationToken)
    {
        Dictionary<string, WorkspaceFeed> wanted;
        lock (gate)
            wanted = feeds.Where(feed => isWanted(feed.Key)).ToDictionary(StringComparer.Ordinal);
        if (wanted.Count == 0)
            return;
        await using var command = dataSource.CreateCommand(SelectLast);
        command.Parameters.Add(new() { Value = wanted.Keys.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            wanted[reader.GetString(0)].Set(reader.GetInt64(1));
    }
}
