using CallbackReceiver.Tests.Infrastructure;
using CallbackReceiver.Tests.Storage;
using Npgsql;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Work behind the commit: workspaces without any cost nothing, and those with much keep no other waiting.</summary>
public sealed class ProjectorTests(PostgresServer server) : IAsyncLifetime
{
    private const string Look = "SELECT DISTINCT workspace_id FROM search_blocks WHERE segment_id IS NULL AND to_at < 'infinity'";

    /// <summary>As workspaces are that had a meeting once.</summary>
    private const string FillIdle = """
        INSERT INTO feeds (workspace_id, last_event_id) SELECT 'idle-' || n, 1 FROM generate_series(1, 500) AS n;
        INSERT INTO events (workspace_id, event_id, meeting_id, delivery_id, revision) SELECT workspace_id, 1, 'meeting', gen_random_uuid(), 1 FROM feeds;
        INSERT INTO search_blocks (workspace_id, from_at, to_at) SELECT workspace_id, '-infinity', 'infinity' FROM feeds
        """;

    private const string Backlog = """
        INSERT INTO meetings SELECT copy.* FROM meetings m CROSS JOIN generate_series(1, 30000) AS n CROSS JOIN LATERAL jsonb_populate_record(m, jsonb_build_object(
            'workspace_id', 'demo', 'meeting_id', 'backlog-' || n, 'delivery_ids', ARRAY[gen_random_uuid()])) AS copy
        WHERE m.workspace_id = 'demo' AND m.meeting_id = 'first';
        INSERT INTO changes (workspace_id, delivery_id, meeting_id, announce) SELECT workspace_id, delivery_ids[revision], meeting_id, true FROM meetings WHERE meeting_id LIKE 'backlog-%'
        """;

    private readonly TestDatabase database = new(server);

    public ValueTask InitializeAsync() => database.InitializeAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Idle_workspaces_cost_a_few_statements_together()
    {
        await database.ExecuteAsync(FillIdle);
        var sent = new List<SentStatement>();
        await using var host = await ReceiverHost.StartAsync(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = SentStatement.Reporting }.ConnectionString,
            new ReceiverSettings { Values = { ["Serilog:MinimumLevel:Override:Npgsql.Connection"] = "Debug", ["Serilog:Filter:0"] = nameof(CapturedLogsSink.PostgresNotices) } });

        // The first look, at what an earlier run may have left, is at each of them.
        await Eventually.HoldsAsync(
            () =>
            {
                sent.AddRange(SentStatement.TakeFrom(host.Logs.Notices));
                return Task.FromResult(FewestBetweenLooks(sent) < 100);
            },
            "from one look for work to the next there are a few statements");

        // Each statement is reported twice, once with its plan.
        static int FewestBetweenLooks(List<SentStatement> statements)
        {
            var looks = statements.Index().Where(statement => statement.Item.Plan is null && statement.Item.Line == Look).Select(statement => statement.Index).ToList();
            return looks.Zip(looks.Skip(1), (first, next) => next - first).DefaultIfEmpty(int.MaxValue).Min();
        }
    }

    [Fact]
    public async Task A_workspace_with_much_to_project_keeps_no_other_waiting()
    {
        await using (var filling = await ReceiverHost.StartAsync(database.ConnectionString))
            Assert.Equal("stored", (await filling.Client.PostAsync(Workspaces.Demo, new CallbackBuilder("first").Build(), Keys.Demo)).Outcome);
        await database.ExecuteAsync(Backlog);
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        await Eventually.HoldsAsync(async () => await CountAsync("events WHERE meeting_id LIKE 'backlog-%'") > 0, "the backlog is being projected");

        var other = await host.Client.PostAsync(Workspaces.Other, new CallbackBuilder { WorkspaceId = Workspaces.Other }.Build(), Keys.Other);

        Assert.Equal("stored", other.Outcome);
        await Eventually.HoldsAsync(async () => await CountAsync("events WHERE workspace_id = 'other'") == 1, "the other workspace's is projected");
        Assert.True(await CountAsync("changes WHERE workspace_id = 'demo'") > 0, "the backlog was gone before");
    }

    [Fact]
    public async Task Texts_that_folding_makes_long_are_projected_a_few_at_a_time_and_in_order()
    {
        await database.ExecuteAsync("""
            CREATE TEMPORARY TABLE call AS SELECT n, gen_random_uuid() AS delivery_id, now() - interval '1 hour' + n * interval '1 minute' AS at FROM generate_series(1, 5) AS n;
            UPDATE call SET delivery_id = lpad(n::text, 32, '0')::uuid;
            INSERT INTO meetings (workspace_id, meeting_id, title, items, metadata, speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
            SELECT 'demo', 'long-' || (9 - n), repeat(chr(65018), 500000), '{}', '{}', '{}', 0, '[]', ARRAY[delivery_id], 1, at, at FROM call;
            INSERT INTO changes (workspace_id, delivery_id, meeting_id) SELECT 'demo', delivery_id, 'long-' || (9 - n) FROM call
            """);
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);

        await Eventually.HoldsAsync(async () => await CountAsync("changes") == 0, "all are projected");
        Assert.Equal(5, await CountAsync("events WHERE event_id::text = ltrim(delivery_id::text, '0-')"));
        Assert.Equal(5, await CountAsync("search WHERE octet_length(text) = 500000 * 33 + 1"));
        Assert.True(await CountAsync("(SELECT DISTINCT xmin::text FROM search) AS batches") > 1, "it was one batch");
    }

    [Fact]
    public async Task A_workspace_whose_projection_fails_keeps_no_other_waiting_and_has_its_turn_again()
    {
        await database.ExecuteAsync("""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.workspace_id = ''demo'' THEN RAISE EXCEPTION ''failing''; END IF; RETURN NEW; END';
            CREATE TRIGGER fail BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION fail()
            """);
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo);
        await Eventually.HoldsAsync(() => Task.FromResult(host.Logs.Lines.Any(line => line.Contains("tried again in a while", StringComparison.Ordinal))), "it fails");

        for (var n = 1; n <= 5; n++)
        {
            await host.Client.PostAsync(Workspaces.Other, new CallbackBuilder { WorkspaceId = Workspaces.Other }.Build(), Keys.Other);
            await Eventually.HoldsAsync(async () => await CountAsync("events WHERE workspace_id = 'other'") == n, "the other workspace's are projected");
        }

        await database.ExecuteAsync("DROP TRIGGER fail ON events");
        await Eventually.HoldsAsync(async () => await CountAsync("events WHERE workspace_id = 'demo'") == 1, "it is projected once it can be");
    }

    private async Task<long> CountAsync(string from)
    {
        await using var command = database.DataSource.CreateCommand($"SELECT count(*) FROM {from}");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
