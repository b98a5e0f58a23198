using System.Net.Http.Headers;
using System.Reflection;
using System.Text.RegularExpressions;
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using CallbackReceiver.Tests.Meetings;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CallbackReceiver.Tests.Storage;

/// <summary>
/// Every statement that the service sends, on every route and in every work behind them, has a form that a Citus cluster runs
/// (<see cref="DistributionRule"/>). PostgreSQL itself reports them as they come.
/// </summary>
[Trait("Category", "Storage")]
public sealed partial class DistributedStatementTests(PostgresServer server) : IAsyncLifetime
{
    private const string Demo = "/api/v1/workspaces/demo";
    private const string Schema = "FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '__EFMigrationsHistory'";

    /// <summary>Enough for segments to be merged; the risk factor comes in blocks that do not touch. Of the last meeting no change tells.</summary>
    private const string Fill = """
        CREATE TEMPORARY TABLE call AS
        SELECT n, 'meeting-' || n AS meeting_id, t.at,
            (lpad(to_hex((extract(epoch FROM t.at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid AS delivery_id
        FROM generate_series(1, 9500) AS n, LATERAL (SELECT now() - interval '7 days' + n * interval '1 minute') AS t (at);

        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, body, outcome, event_name, meeting_id, key_id, received_at, duplicates)
        SELECT 'demo', delivery_id, sha256(meeting_id::bytea), '\x7b7d', 'stored', 'dashboard_analysis_finished', meeting_id, 'key', at, 0 FROM call;

        INSERT INTO meetings (workspace_id, meeting_id, title, risk_factor, items, metadata, speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
        SELECT 'demo', meeting_id, 'call ' || n, CASE WHEN n % 300 = 0 THEN 'rare' ELSE 'risk ' || n END, '{}', '{}', ARRAY['agent'], 1, '[{"text": "hello", "speaker": "agent"}]', ARRAY[delivery_id], 1, at, at FROM call;

        INSERT INTO changes (workspace_id, delivery_id, meeting_id, announce) SELECT 'demo', delivery_id, meeting_id, false FROM call WHERE n < 9500;

        -- Names that are too many for the service to hold.
        INSERT INTO facts (workspace_id, meeting_id, received_at, risk_factor, speakers)
        SELECT 'demo', 'named-' || n, '2020-01-01', n || repeat('x', 4000), ARRAY[n || repeat('y', 4000)] FROM generate_series(1, 700) AS n
        """;

    /// <summary>
    /// What looks at several workspaces. Each was tried on a cluster: it asks all workers, or those of its workspaces, and puts together what
    /// they answer.
    /// </summary>
    private static readonly string[] AcrossWorkspaces =
    [
        // What there is to project, to seal, to merge, to trim, to fold anew, and what was left out. Rows that wait are few, and tables are joined by the workspace.
        "SELECT DISTINCT workspace_id FROM changes",
        "SELECT DISTINCT workspace_id FROM search_blocks WHERE segment_id IS NULL",
        "SELECT DISTINCT workspace_id FROM search_blocks WHERE segment_id IS NULL AND to_at < 'infinity'",
        "SELECT f.workspace_id FROM feeds f LEFT JOIN events e ON e.workspace_id = f.workspace_id AND e.event_id = f.trimmed_event_id + 1 WHERE f.last_event_id > f.trimmed_event_id AND (e.at IS NULL OR e.at < now() - $1)",
        "SELECT DISTINCT m.workspace_id FROM meetings m LEFT JOIN search s ON s.workspace_id = m.workspace_id AND s.meeting_id = m.meeting_id WHERE m.workspace_id = ANY ($1) AND m.received_at >= $2 AND s.delivery_id IS DISTINCT FROM m.delivery_ids[m.revision]",
        $"SELECT DISTINCT workspace_id FROM search WHERE {Refolding.IsToFold}",
        "SELECT DISTINCT s.workspace_id FROM search_segments s WHERE s.stale_since IS NOT NULL AND (s.blocks = 1 OR s.stale_since < now() - interval '1 hour')",
        "SELECT DISTINCT b.workspace_id FROM search_blocks b WHERE b.workspace_id = ANY ($1) AND b.to_at >= $2 AND b.segment_id IS NOT NULL AND b.meetings <> (SELECT count(*) FROM facts f WHERE f.workspace_id = b.workspace_id AND f.received_at >= b.from_at AND f.received_at < b.to_at)",
        "SELECT count(*), min(delivery_id::text COLLATE \"C\") FROM changes",

        // The meetings of a batch's duplicates, whose workspaces the coordinator hands to the workers as a result of its own.
        "SELECT workspace_id, meeting_id, delivery_ids FROM meetings WHERE (workspace_id, meeting_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))",

        // The erasures that a batch of late deliveries may have missed: an array of workspaces, each on its worker.
        "SELECT workspace_id, subject, audit_id, at FROM audit WHERE workspace_id = ANY ($1) AND audit_id >= $2 AND action = $3 AND subject = ANY ($4)",

        // The numbers of the last events of those workspaces that somebody listens to: an array of workspaces, each on its worker.
        "SELECT workspace_id, last_event_id FROM feeds WHERE workspace_id = ANY ($1)",

        // The list of workspaces, grouped by what the tables are distributed by.
        "SELECT m.workspace_id, count(*), max(m.received_at) FROM meetings AS m GROUP BY m.workspace_id",
        "SELECT m.workspace_id, count(*), max(m.received_at) FROM meetings AS m WHERE m.workspace_id = ANY ($1) GROUP BY m.workspace_id",

        // The next workspace whose data may be too old: each worker's first.
        "SELECT min(workspace_id) FROM ( (SELECT workspace_id FROM deliveries WHERE workspace_id > $1 ORDER BY workspace_id LIMIT 1) UNION ALL (SELECT workspace_id FROM unverified_deliveries WHERE workspace_id > $1 ORDER BY workspace_id LIMIT 1) UNION ALL (SELECT workspace_id FROM audit WHERE workspace_id > $1 ORDER BY workspace_id LIMIT 1) ) AS next",
    ];

    /// <summary>Tables that are not distributed: what is read of them at the start is read from the coordinator.</summary>
    private static readonly string[] OnTheCoordinator = ["__EFMigrationsHistory", "FROM installation"];

    private static readonly string[] InsertedAtOnce = ["INSERT INTO deliveries AS d ", "INSERT INTO meetings AS m ", "INSERT INTO changes "];

    /// <summary>What a cluster refuses, or would answer by asking every worker for everything.</summary>
    private static readonly string[] Bad =
    [
        "SELECT title FROM meetings WHERE meeting_id = 'meeting-1'",
        "SELECT m.title FROM meetings m JOIN search s ON s.meeting_id = m.meeting_id WHERE m.workspace_id = 'demo' AND m.meeting_id = 'meeting-1'",
        "SELECT m.title FROM unnest(ARRAY['meeting-1']) AS n (id) CROSS JOIN LATERAL (SELECT title FROM meetings WHERE meeting_id = n.id LIMIT 1) AS m",
        "SELECT title FROM meetings WHERE workspace_id = 'demo' OR meeting_id = 'meeting-1'",
        "SELECT title FROM meetings WHERE workspace_id <> 'demo'",
        "SELECT title FROM meetings WHERE workspace_id = 'demo' UNION ALL SELECT title FROM meetings WHERE workspace_id = 'other'",
        "SELECT count(*) FROM changes",
        "SELECT last_event_id FROM feeds FOR UPDATE SKIP LOCKED",
        "DELETE FROM events WHERE (workspace_id, event_id) IN (SELECT workspace_id, event_id FROM events ORDER BY event_id LIMIT 1)",
        "UPDATE meetings SET title = 'none' WHERE meeting_id = 'nothing'",
        "INSERT INTO facts (workspace_id, meeting_id, received_at, speakers) SELECT workspace_id, meeting_id, received_at, speakers FROM meetings WHERE meeting_id = 'nothing'",
        "INSERT INTO feeds (workspace_id) VALUES ('demo') ON CONFLICT (workspace_id) DO UPDATE SET last_event_id = extract(epoch FROM now())",
        "INSERT INTO audit (workspace_id, audit_id, actor, action, subject, at) VALUES ('demo', gen_random_uuid(), '', '', '', 'epoch')",
        "BEGIN; LOCK TABLE meetings IN SHARE MODE; ROLLBACK",
        "CREATE TEMPORARY TABLE picked (meeting_id text)",
        "TRUNCATE changes",
        "DECLARE reading CURSOR WITH HOLD FOR SELECT title FROM meetings WHERE workspace_id = 'demo'",
        "ALTER TABLE meetings ALTER COLUMN title SET STORAGE EXTERNAL",
    ];

    private readonly TestDatabase database = new(server);
    private readonly DirectoryInfo spool = Directory.CreateTempSubdirectory("callback-receiver-statements-");
    private readonly MovableTime time = new();
    private readonly List<SentStatement> sent = [];
    private readonly HashSet<(HttpMethod Method, string Path)> asked = [];
    private DistributionRule rule = null!;
    private ReceiverHost host = null!;

    private string ReportingConnectionString => new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = SentStatement.Reporting }.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        await database.InitializeAsync();
        await database.ExecuteAsync(Fill);
        var functions = (await RowsAsync("SELECT proname, max(provolatile)::text FROM pg_proc GROUP BY proname")).ToDictionary(row => (string)row[0], row => ((string)row[1])[0]);
        var tables = (await RowsAsync($"SELECT relname::text {Schema}")).Select(row => (string)row[0]).ToHashSet(StringComparer.Ordinal);
        rule = new DistributionRule(tables, functions, AcrossWorkspaces.ToHashSet(StringComparer.Ordinal));
        host = await StartAsync(time,
            ("Retention:Interval", "00:00:00.2"), ("Retention:RawBodies", "30.00:00:00"), ("Retention:Meetings", "90.00:00:00"), ("Retention:Audit", "30.00:00:00"));
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await database.DisposeAsync();
        spool.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_statement_has_a_form_that_a_cluster_runs()
    {
        await UntilAsync("NOT EXISTS (SELECT FROM changes) AND (SELECT count(*) FROM search_blocks) > 30 AND EXISTS (SELECT FROM search_segments WHERE blocks > 1)", "the meetings are projected, blocks are closed, and their segments merged");
        await FoldAnewAsync();
        var quarantined = await ReceiveAsync();
        await QueryAsync();
        await ManageAsync(quarantined);
        await EraseWhatIsSpooledAsync();
        await AgeAsync();
        Take(host);

        Assert.All(ServiceRoutes(), route => Assert.Contains(asked, request => route.Method == request.Method.Method && route.Path.IsMatch(request.Path)));
        Assert.All(StatementsInTheCode(), own => Assert.True(sent.Exists(statement => statement.Line.Contains(own, StringComparison.Ordinal)), $"never sent: {own}"));
        Assert.Contains(sent, statement => statement.Text.Contains("CROSS JOIN LATERAL", StringComparison.Ordinal));
        var objections = sent.Where(statement => !Array.Exists(OnTheCoordinator, table => statement.Text.Contains(table, StringComparison.Ordinal)))
            .SelectMany(statement => rule.ObjectionsTo(statement).Select(objection => $"{objection}: {statement.Line}\n{statement.Plan}")).Distinct().ToList();
        Assert.True(objections.Count == 0, string.Join("\n\n", objections));
        Assert.All(AcrossWorkspaces, allowed => Assert.True(sent.Exists(statement => statement.Line == allowed), $"never sent: {allowed}"));
    }

    [Fact]
    public async Task A_statement_that_a_cluster_does_not_run_is_found()
    {
        foreach (var bad in Bad)
        {
            await using (var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(bad))
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            sent.Clear();
            Take(host);
            Assert.True(
                sent.Any(statement => bad.Contains(statement.Text, StringComparison.Ordinal) && rule.ObjectionsTo(statement).Any()),
                $"{bad}\n{string.Join('\n', sent.Select(statement => $"{statement.Text} {statement.Plan}"))}");
        }
    }

    /// <summary>Analyses, new in one batch, repeated, again and of two workspaces at once, and what is none.</summary>
    /// <returns>A delivery that is quarantined.</returns>
    private async Task<Guid> ReceiveAsync()
    {
        await ReceiveUntilManyAreInsertedAsync();
        var bodies = Enumerable.Range(0, 20).Select(_ => new CallbackBuilder().Build()).ToList();
        for (var round = 0; round < 2; round++)
        {
            await Task.WhenAll(bodies.Select(body => PostAsync("demo", body, Keys.Demo))
                .Concat(bodies.Select((_, number) => PostAsync("other", new CallbackBuilder($"of-other-{number}") { WorkspaceId = "other" }.Build(), Keys.Other))));
        }

        await PostAsync("demo", new CallbackBuilder("meeting-1") { Title = "again" }.Build(), Keys.Demo);
        await PostAsync("demo", new CallbackBuilder { EventName = "another" }.Build(), Keys.Demo);
        await PostAsync("demo", new CallbackBuilder().Build(), Keys.Other);
        await UntilAsync("EXISTS (SELECT FROM unverified_deliveries)", "it is kept as unverified");
        await PostAsync(null, new CallbackBuilder().Build(), Keys.Demo);
        return (await PostAsync("demo", new CallbackBuilder("unfit") { CustomerSatisfactionRating = "Z" }.Build(), Keys.Demo)).DeliveryId;
    }

    /// <summary>While the only writer commits one, others gather, sooner or later as many as are inserted at once.</summary>
    private Task ReceiveUntilManyAreInsertedAsync() => Eventually.HoldsAsync(
        async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => PostAsync("demo", new CallbackBuilder().Build(), Keys.Demo)));
            Take(host);
            return InsertedAtOnce.All(start => sent.Exists(statement => statement.Line.StartsWith(start, StringComparison.Ordinal) && !statement.Line.Contains("ON CONFLICT", StringComparison.Ordinal)));
        },
        "a batch is inserted as though all of it were new");

    private async Task QueryAsync()
    {
        await UntilAsync("NOT EXISTS (SELECT FROM changes)", "all is projected");
        var now = Uri.EscapeDataString($"{DateTime.UtcNow:O}");
        string[] filters = ["", "q=call", "q=call+1", "risk_factor=rare", "speaker=agent", "customer_satisfaction_rating=A&agent_performance_rating=null", "customer_satisfaction_rating=A&customer_satisfaction_rating=null&agent_performance_rating=B", $"q=hello&risk_factor=rare&received_to={now}"];
        foreach (var filter in filters)
        {
            foreach (var list in new List<string> { $"meetings?limit=5&{filter}", $"meetings?sort=received_at&limit=5&{filter}", $"statistics?{filter}", $"export?{filter}", $"export?format=csv&include=transcript&{filter}" })
                await GetAsync($"{Demo}/{list}");
        }

        await GetAsync($"{Demo}/statistics?received_from=2020-01-01T00:00:00Z&received_to=2020-01-02T00:00:00Z");
        var page = await GetAsync($"{Demo}/meetings?limit=5");
        await GetAsync($"{Demo}/meetings?limit=5&cursor={page["next_cursor"]}");
        await GetAsync("/api/v1/workspaces");
        await GetAsync("/api/v1/workspaces", Keys.ApiDemo);
        foreach (var part in new List<string> { "", "/transcript", "/revisions", "/revisions/1", "/revisions/2" })
        {
            await GetAsync($"{Demo}/meetings/meeting-2{part}", isThere: part != "/revisions/2");
            await AskAgainAsync($"{Demo}/meetings/meeting-2{part}");
        }

        await GetAsync($"{Demo}/meetings/meeting-2/neighbours?speaker=agent");
        await GetAsync($"{Demo}/meetings/meeting-1/revisions/1", isThere: false); // its body is no analysis
        foreach (var filter in new List<string> { "", "outcome=stored&outcome=quarantined", "outcome=unverified", "meeting_id=meeting-1", "key_id=key&outcome=stored", "outcome=quarantined&key_id=key", "reason=not+JSON", "reason=not+JSON&path=&outcome=quarantined", $"received_from=2020-01-01T00:00:00Z&received_to={now}" })
        {
            var first = await GetAsync($"{Demo}/deliveries?limit=1&{filter}");
            if (first["next_cursor"] is { Length: > 0 } next)
                await GetAsync($"{Demo}/deliveries?limit=1&{filter}&cursor={next}");
        }

        foreach (var report in new List<string> { "deliveries/counts", "deliveries/quarantine", "keys" })
            await GetAsync($"{Demo}/{report}");

        // The first event's meeting cannot be shown: it is told without.
        await database.ExecuteAsync("UPDATE meetings SET revision = 99 WHERE workspace_id = 'demo' AND meeting_id = (SELECT meeting_id FROM events WHERE workspace_id = 'demo' ORDER BY event_id LIMIT 1)");
        await using (var listener = await EventListener.StartAsync(host.Address, query: "?last_event_id=0"))
        {
            await listener.ReadMeetingAsync();
            await Eventually.HoldsAsync(
                () =>
                {
                    Take(host);
                    return Task.FromResult(sent.Exists(statement => statement.Line.StartsWith("SELECT workspace_id, last_event_id FROM feeds", StringComparison.Ordinal)));
                },
                "it is looked for events");
        }

        await database.ExecuteAsync("UPDATE meetings SET revision = 1 WHERE revision = 99");
        asked.Add((HttpMethod.Get, $"{Demo}/events"));
    }

    private async Task ManageAsync(Guid quarantined)
    {
        await GetAsync($"{Demo}/deliveries/{quarantined}");
        await GetAsync($"{Demo}/deliveries/{quarantined}/body");
        var unverified = (await GetAsync($"{Demo}/deliveries?outcome=unverified")).Json.GetProperty("items")[0].GetProperty("delivery_id").GetGuid();
        await GetAsync($"{Demo}/deliveries/{unverified}");
        await SendAsync(HttpMethod.Post, $"{Demo}/deliveries/{quarantined}/replay");
        await SendAsync(HttpMethod.Post, $"{Demo}/deliveries/replay?limit=1");
        await SendAsync(HttpMethod.Post, $"{Demo}/deliveries/replay?limit=1&key_id=key&reason=not+JSON");
        await GetAsync($"{Demo}/audit?limit=1");
        Assert.Equal(204, (await SendAsync(HttpMethod.Delete, $"{Demo}/meetings/meeting-3")).Status);
    }

    /// <summary>The one that erases never drains, since its clock's timers never fire.</summary>
    private async Task EraseWhatIsSpooledAsync()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        await using (var away = await ReceiverHost.StartAsync(connectionString, new ReceiverSettings { Values = SpoolSettings(), Time = TimeProvider.System }))
        {
            proxy.Cut();
            Assert.Equal("spooled", (await away.Client.PostAsync("demo", new CallbackBuilder("spooled").Build(), Keys.Demo)).Outcome);
        }

        await using var erasing = await StartAsync(new EndlessPatience(), [.. SpoolSettings().Select(setting => (setting.Key, setting.Value!))]);
        Assert.Equal(204, (await erasing.Client.SendAsync(HttpMethod.Delete, $"{Demo}/meetings/spooled")).Status);
        Take(erasing);
    }

    private async Task FoldAnewAsync()
    {
        await database.ExecuteAsync("""
            UPDATE search SET folded = NULL WHERE meeting_id = 'meeting-5';
            UPDATE search SET text = upper(text) WHERE meeting_id = 'meeting-6';
            INSERT INTO search (workspace_id, meeting_id, delivery_id, text) VALUES ('demo', 'erased', gen_random_uuid(), 'erased')
            """);
        await UntilAsync($"NOT EXISTS (SELECT FROM search WHERE {Refolding.IsToFold})", "what another version folded is folded anew");
    }

    private async Task AgeAsync()
    {
        await database.ExecuteAsync("UPDATE events SET at = now() - interval '8 days' WHERE workspace_id = 'demo' AND event_id = 1");
        await UntilAsync("NOT EXISTS (SELECT FROM events WHERE workspace_id = 'demo' AND event_id = 1)", "an old event is trimmed");
        time.Advance(TimeSpan.FromDays(33));
        await UntilAsync("NOT EXISTS (SELECT FROM deliveries WHERE body IS NOT NULL) AND NOT EXISTS (SELECT FROM unverified_deliveries) AND NOT EXISTS (SELECT FROM audit WHERE action <> 'erase')", "bodies, and what is not signed, are gone");
        await database.ExecuteAsync(@"DELETE FROM meetings WHERE meeting_id ~ '^meeting-\d{4}$'"); // so many would take their time
        time.Advance(TimeSpan.FromDays(60));
        await UntilAsync("EXISTS (SELECT FROM audit WHERE actor = 'retention') AND NOT EXISTS (SELECT FROM events)", "meetings are being erased, and events are gone");
    }

    private Dictionary<string, string?> SpoolSettings() => new() { ["Spool:Directory"] = spool.FullName, ["Spool:MaxBytes"] = "1000000" };

    private async Task<Answer> PostAsync(string? workspaceId, byte[] body, string key)
    {
        asked.Add((HttpMethod.Post, CallbackClient.PathOf(workspaceId)));
        var answer = await host.Client.PostAsync(workspaceId, body, key);
        Assert.True(answer.Status < 500, answer.ToString());
        return answer;
    }

    private async Task<Answer> GetAsync(string path, string apiKey = Keys.ApiAll, bool isThere = true)
    {
        var answer = await SendAsync(HttpMethod.Get, path, apiKey);
        Assert.True(answer.Status == (isThere ? 200 : 404), $"{path}: {answer}");
        return answer;
    }

    private async Task<Answer> SendAsync(HttpMethod method, string path, string apiKey = Keys.ApiAll)
    {
        asked.Add((method, path.Split('?')[0]));
        var answer = await host.Client.SendAsync(method, path, apiKey);
        Assert.True(answer.Status < 500, $"{path}: {answer}");
        return answer;
    }

    private async Task AskAgainAsync(string path)
    {
        using var http = new HttpClient { BaseAddress = host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Keys.ApiAll), IfNoneMatch = { new EntityTagHeaderValue("\"other\"") } } };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True((int)answer.StatusCode < 500, path);
    }

    /// <summary>The routes of the service's work, each a method and what its paths look like.</summary>
    private IEnumerable<(string Method, Regex Path)> ServiceRoutes() =>
        from endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let pattern = $"/{endpoint.RoutePattern.RawText!.Trim('/')}"
        where pattern.StartsWith("/api", StringComparison.Ordinal) || pattern.StartsWith("/callbacks", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        where method != HttpMethod.Head.Method
        select (method, new Regex($"^{RouteParameter().Replace(pattern, "[^/]+")}$"));

    /// <summary>Every constant of the service that is a statement for PostgreSQL or begins a part of one. The spool has a database of its own.</summary>
    private static IEnumerable<string> StatementsInTheCode() => typeof(ReceiverDbContext).Assembly.GetTypes()
        .Where(type => type.Namespace != typeof(Spool).Namespace)
        .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Where(field => field is { IsLiteral: true } && field.FieldType == typeof(string))
        .Select(field => (string)field.GetRawConstantValue()!)
        .Where(text => StatementBeginning().IsMatch(text))
        .Select(SentStatement.Normalized);

    private Task<ReceiverHost> StartAsync(TimeProvider clock, params IEnumerable<(string Key, string Value)> values)
    {
        var settings = new ReceiverSettings
        {
            Time = clock,
            Values = { ["Callbacks:Writers"] = "1", ["Serilog:MinimumLevel:Override:Npgsql.Connection"] = "Debug", ["Serilog:Filter:0"] = nameof(CapturedLogsSink.PostgresNotices) },
        };
        foreach (var (key, value) in values)
            settings.Values[key] = value;
        return ReceiverHost.StartAsync(ReportingConnectionString, settings);
    }

    private void Take(ReceiverHost from) => sent.AddRange(SentStatement.TakeFrom(from.Logs.Notices));

    private Task UntilAsync(string condition, string description) =>
        Eventually.HoldsAsync(async () => (await RowsAsync($"SELECT {condition}"))[0][0] is true, description);

    private async Task<List<object[]>> RowsAsync(string select)
    {
        await using var command = database.DataSource.CreateCommand(select);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<object[]>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex RouteParameter();

    [GeneratedRegex(@"^\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s")]
    private static partial Regex StatementBeginning();
}
