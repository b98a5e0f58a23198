using System.Diagnostics;
using System.Globalization;
using CallbackReceiver.FaultTests.Machinery;
using CallbackReceiver.FaultTests.Rounds;
using CallbackReceiver.FaultTests.Traffic;

namespace CallbackReceiver.FaultTests.Upgrades;

/// <summary>
/// Replaces replicas of an older version by this one while callbacks come in, goes back to the older one, and forward again: both versions
/// receive beside each other on one schema. Every callback must be answered 2xx and be in the ledger once, and its meeting be listed and found.
/// </summary>
internal sealed class RollingUpgrade : IAsyncDisposable
{
    private const long SpoolBytes = 1024L * 1024 * 1024;
    private const int Searches = 100;

    // What is under way, and what the search does not know yet: an older version tells it nothing.
    private const string SelectUnfinished = """
        SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid())
            + (SELECT count(*) FROM changes)
            + (SELECT count(*) FROM meetings AS m LEFT JOIN search AS s USING (workspace_id, meeting_id)
                WHERE s.delivery_id IS DISTINCT FROM m.delivery_ids[m.revision])
        """;

    /// <summary>How long it stays as it is after each step, callbacks coming in.</summary>
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(1.5);

    private readonly RunFolder folder;
    private readonly Workspace workspace = new();
    private readonly PostgresNode postgres;
    private readonly CallbackSource source;
    private readonly BalancedReplica first;
    private readonly BalancedReplica second;
    private readonly ServiceSettings current;
    private readonly ServiceSettings old;

    private RollingUpgrade(RunFolder folder, PostgresNode postgres, UpgradePlan plan)
    {
        this.folder = folder;
        this.postgres = postgres;
        source = new CallbackSource(workspace.Id, "upgrade", new Random(plan.Seed));
        first = new BalancedReplica(Path.Combine(folder.Path, "first"), source, plan.PerSecond);
        second = new BalancedReplica(Path.Combine(folder.Path, "second"), source, plan.PerSecond);
        current = new ServiceSettings(workspace, postgres.ConnectionString, "", SpoolBytes) { TranscriptsWithMeetings = true };
        old = current with { Assembly = plan.OldAssembly };
    }

    public static async Task<RollingUpgrade> CreateAsync(UpgradePlan plan, CancellationToken cancellationToken)
    {
        var folder = new RunFolder();
        try
        {
            return new RollingUpgrade(folder, await PostgresNode.CreateAsync(Path.Combine(folder.Path, "postgres"), cancellationToken), plan);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <returns>What is wrong, a sentence each; empty where all is right.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await UpgradeAsync(cancellationToken);
            var wrongs = await AuditAsync(cancellationToken);
            await GoBackAsync(cancellationToken);
            wrongs.AddRange(await ListingWrongsAsync("the old version, on the new schema", first, cancellationToken));
            await GoForwardAgainAsync(cancellationToken);
            wrongs.AddRange(await AuditAsync(cancellationToken));
            return wrongs.Count == 0 ? [] : [.. wrongs, .. Logs()];
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return [exception.ToString(), .. Logs()];
        }
    }

    public async ValueTask DisposeAsync()
    {
        first.Dispose();
        second.Dispose();
        postgres.Dispose();
        await folder.DisposeAsync();
    }

    private async Task UpgradeAsync(CancellationToken cancellationToken)
    {
        await first.JoinAsync(old, cancellationToken);
        await StayAsync("the old version alone", cancellationToken);
        await second.JoinAsync(current, cancellationToken);
        await StayAsync("both versions: the new one has migrated the schema under the old one", cancellationToken);
        await first.StopAsync(cancellationToken);
        await StayAsync("the new version alone", cancellationToken);

        // As an upgrade of one replica after another ends: the last one starts when no old one is left.
        await first.JoinAsync(current, cancellationToken);
        await StayAsync("the new version, two replicas", cancellationToken);
    }

    private async Task GoBackAsync(CancellationToken cancellationToken)
    {
        await second.JoinAsync(current, cancellationToken);
        await first.StopAsync(cancellationToken);
        await first.JoinAsync(old, cancellationToken);
        await StayAsync("back: the old version beside the new one", cancellationToken);
        await second.StopAsync(cancellationToken);
        await StayAsync("back: the old version alone, on the new schema", cancellationToken);
        await first.LeaveAsync();
    }

    private async Task GoForwardAgainAsync(CancellationToken cancellationToken)
    {
        await first.JoinAsync(old, cancellationToken);
        await second.JoinAsync(current, cancellationToken);
        await first.StopAsync(cancellationToken);
        await first.JoinAsync(current, cancellationToken);
        await StayAsync("forward again: the new version, two replicas", cancellationToken);

        // No older version comes back now.
        await second.StopAsync(cancellationToken);
        await second.JoinAsync(current with { TranscriptsWithMeetings = false }, cancellationToken);
        await StayAsync("one of them stores as only the new version reads it", cancellationToken);
    }

    private async Task StayAsync(string state, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var before = source.CountReplies();
        await Task.Delay(Stay, cancellationToken);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{state}: {source.CountReplies() - before} answers in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"));
    }

    /// <summary>Lets both replicas come to rest, and holds the ledger and what they tell their readers against what was sent.</summary>
    private async Task<List<string>> AuditAsync(CancellationToken cancellationToken)
    {
        await first.LeaveAsync();
        await second.LeaveAsync();
        await Patience.UntilAsync(
            async () => await postgres.QueryAsync<long>(SelectUnfinished, cancellationToken) is [0], "PostgreSQL is idle and all can be searched", cancellationToken);

        var wrongs = new List<string>(new Audit(source.Callbacks, await Tables.ReadAsync(postgres, areAllTold: false, cancellationToken)).Wrongs());
        wrongs.AddRange(source.Callbacks.SelectMany(callback => callback.Replies).Where(reply => !reply.IsAcknowledgement)
            .Select(reply => $"a callback was answered {reply.Kind}: {reply.Text}"));
        wrongs.AddRange(await ListingWrongsAsync("the new version", first, cancellationToken));
        wrongs.AddRange(await SearchWrongsAsync(second, cancellationToken));
        Console.WriteLine($"so far {source.Callbacks.Count} callbacks in {source.CountReplies()} sendings, {Meetings().Count} meetings, {wrongs.Count} wrong");
        return wrongs;
    }

    private async Task<IReadOnlyList<string>> ListingWrongsAsync(string version, BalancedReplica replica, CancellationToken cancellationToken)
    {
        using var list = new MeetingList(replica.Address, workspace);
        var listed = await list.ReadAllAsync(cancellationToken);
        return
        [
            .. Meetings().Where(meeting => listed.GetValueOrDefault(meeting.Id) != meeting.Analyses[^1].Title).Select(meeting => $"{version} does not list '{meeting.Analyses[^1].Title}'"),
            .. listed.Keys.Except(Meetings().Select(meeting => meeting.Id)).Select(stranger => $"{version} lists {stranger}, which nobody sent"),
        ];
    }

    private async Task<IReadOnlyList<string>> SearchWrongsAsync(BalancedReplica replica, CancellationToken cancellationToken)
    {
        using var list = new MeetingList(replica.Address, workspace);
        var wrongs = new List<string>();
        var meetings = Meetings();
        for (var at = 0; at < meetings.Count; at += Math.Max(1, meetings.Count / Searches))
        {
            var meeting = meetings[at];
            var title = meeting.Analyses[^1].Title!;
            if (!(await list.FindAsync(title, cancellationToken)).ContainsKey(meeting.Id))
                wrongs.Add($"a search does not find '{title}'");
        }

        return wrongs;
    }

    private List<Meeting> Meetings() => [.. source.Callbacks.Select(callback => callback.Meeting).OfType<Meeting>().Distinct()];

    private string[] Logs() => [first.LastLines(), second.LastLines(), postgres.Log];
}

/// <summary>What to upgrade from, and under which load.</summary>
/// <param name="OldAssembly">The older version's program.</param>
/// <param name="PerSecond">Callbacks sent a second to each replica.</param>
/// <param name="Seed">What the callbacks come from.</param>
internal sealed record UpgradePlan(string OldAssembly, int PerSecond, int Seed);
