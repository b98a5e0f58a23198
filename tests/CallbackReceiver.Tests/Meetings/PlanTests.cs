using System.Text.Json;
using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>
/// At 100,000 meetings no statement that the query API makes PostgreSQL run reads a table from end to end. PostgreSQL itself reports
/// (auto_explain) the plan of each statement as it runs it, generic plans of prepared statements among them; nothing is explained apart.
/// </summary>
public sealed class PlanTests(PostgresServer server) : IAsyncLifetime
{
    private const string Meetings = "100000";

    /// <summary>A prepared statement is planned anew five times before PostgreSQL may keep a plan.</summary>
    private const int Repeats = 6;

    private const string Explaining = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_level=notice -c auto_explain.log_format=json";

    private const string Facts = "facts";

    private const string AllTime = "&received_from=2020-01-01T00:00:00Z&received_to=2027-01-01T00:00:00Z";

    // Statistics of most of all time are asked for as well; to read most of the narrow facts whole is the best that PostgreSQL can do then.
    private static readonly string[] Days = ["&received_from=2025-02-01T00:00:00Z&received_to=2025-02-03T00:00:00Z", "&received_from=2025-02-01T00:00:00Z&received_to=2025-03-03T00:00:00Z"];

    private static readonly string[] Tables = ["meetings", "search", "deliveries", "events", Facts];
    private static readonly string[] PartsOfMeeting = ["", "/transcript", "/revisions", "/revisions/1"];
    private static readonly string[] PartsOfDelivery = ["", "/body"];
    private static readonly string[] Events = ["?last_event_id=0", "?last_event_id=50000", "?last_event_id=74990", ""];

    // As receiving and projection leave it; the service closes the blocks by itself. Three of four are of one workspace, the rest of another. One in 100 deliveries did not fit.
    private const string Fill = $$"""
        CREATE TEMPORARY TABLE call AS
        SELECT n, CASE WHEN n % 4 = 0 THEN 'other' ELSE 'demo' END AS workspace_id, 'meeting-' || n AS meeting_id, t.at AS at,
            (lpad(to_hex((extract(epoch FROM t.at) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid AS delivery_id
        FROM generate_series(1, {{Meetings}}) AS n, LATERAL (SELECT '2025-01-01T00:00:00Z'::timestamptz + n * interval '5 minutes') AS t (at);

        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, body, outcome, event_name, meeting_id, errors, key_id, received_at, duplicates)
        SELECT workspace_id, delivery_id, sha256(meeting_id::bytea), '\x7b7d', CASE WHEN n % 100 = 0 THEN 'quarantined' ELSE 'stored' END, 'dashboard_analysis_finished', meeting_id,
            CASE WHEN n = 100 THEN '[{"path": "", "reason": "rare"}]'::jsonb WHEN n % 100 = 0 THEN '[{"path": "", "reason": "not JSON from byte 1 on"}]' END, CASE WHEN n < 20000 THEN 'old' ELSE 'key' END, at, 0
        FROM call;

        INSERT INTO meetings (workspace_id, meeting_id, title, summary, customer_satisfaction_rating, agent_performance_rating, agent_performance_feedback, risk_factor, items, metadata,
            speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
        SELECT workspace_id, meeting_id, CASE WHEN n % 20011 = 0 THEN '罕見 rarity' ELSE '文件 ' || n END, 'The customer needs to upload documents, ' || md5(n::text),
            (ARRAY['A', 'B', 'C', 'D', 'E', NULL])[1 + n % 6], (ARRAY['A', 'B', NULL])[1 + n % 3], 'clear', CASE WHEN n % 5 = 0 THEN 'Churn' ELSE 'risk ' || n % 3000 END, '{}', '{}',
            ARRAY['customer', 'agent ' || n % 50], 2, jsonb_build_array(jsonb_build_object('text', '補件 ' || md5(meeting_id), 'speaker', 'customer'), jsonb_build_object('text', 'ok', 'speaker', 'agent ' || n % 50)),
            ARRAY[delivery_id], 1, at, at
        FROM call;

        INSERT INTO search (workspace_id, meeting_id, delivery_id, text, folded)
        SELECT workspace_id, meeting_id, delivery_ids[1], text, {{Refolding.Hash}}
        FROM meetings, lower(concat_ws(E'\n', title, summary, agent_performance_feedback, risk_factor, transcript -> 0 ->> 'text', transcript -> 1 ->> 'text', '')) AS text;

        INSERT INTO facts (workspace_id, meeting_id, received_at, customer_satisfaction_rating, agent_performance_rating, risk_factor, speakers)
        SELECT workspace_id, meeting_id, received_at, customer_satisfaction_rating, agent_performance_rating, risk_factor, speakers
        FROM meetings;

        INSERT INTO events (workspace_id, event_id, meeting_id, delivery_id, revision)
        SELECT workspace_id, row_number() OVER (PARTITION BY workspace_id ORDER BY n), meeting_id, delivery_id, 1 FROM call;

        INSERT INTO feeds (workspace_id, last_event_id) SELECT workspace_id, max(event_id) FROM events GROUP BY workspace_id;
        ANALYZE;
        INSERT INTO search_blocks (workspace_id, from_at, to_at) SELECT workspace_id, '-infinity', 'infinity' FROM feeds
        """;

    private readonly TestDatabase database = new(server);

    public async ValueTask InitializeAsync()
    {
        await database.InitializeAsync();
        await database.ExecuteAsync(Fill);
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        for (var blocks = 100; blocks <= 300; blocks += 100)
            await UntilAsync($"(SELECT count(*) FROM search_blocks) > {blocks}", $"more than {blocks} blocks are closed");
        await UntilAsync("(SELECT count(*) FROM search_blocks WHERE segment_id IS NULL) = 2 AND (SELECT sum(n) FROM (SELECT count(*) AS n FROM meetings m JOIN search_blocks b ON b.workspace_id = m.workspace_id AND b.segment_id IS NULL AND m.received_at >= b.from_at GROUP BY b.workspace_id) AS open) <= 512", "all is closed but the last meetings");
        await database.ExecuteAsync("VACUUM ANALYZE");
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task No_query_reads_a_table_from_end_to_end()
    {
        Assert.Equal(Meetings, $"{await ScalarAsync("SELECT count(*) FROM meetings")}");
        await using var host = await StartExplainingAsync();
        await AssertThatSuchAPlanWouldBeSeenAsync(host);
        var wrong = new List<string>();
        var used = new HashSet<string>(StringComparer.Ordinal);

        foreach (var path in await PathsAsync(host))
        {
            for (var repeat = 0; repeat < (path.Contains(AllTime, StringComparison.Ordinal) ? 1 : Repeats); repeat++)
                await AskAsync(host, path);
            var plans = TakePlans(host);
            used.UnionWith(plans.SelectMany(plan => RelationsOf(plan.Plan)).Select(node => node.Table));
            wrong.AddRange(plans.Where(plan => RelationsOf(plan.Plan).Any(node => node.IsWhole && Tables.Contains(node.Table) && !(node.Table == Facts && path.Contains(AllTime, StringComparison.Ordinal))))
                .Select(plan => $"{path}:\n{plan.Statement}\n{plan.Plan.GetRawText()}").Distinct());
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
        Assert.Superset(Tables.ToHashSet(), used);
    }

    private static async Task AssertThatSuchAPlanWouldBeSeenAsync(ReceiverHost host)
    {
        foreach (var table in Tables)
        {
            await using var command = host.Services.GetRequiredService<ReadDatabase>().DataSource.CreateCommand($"SELECT count(*) FROM {table} t WHERE t::text = $1");
            command.Parameters.Add(new NpgsqlParameter { Value = "none" });
            await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
            Assert.Contains(TakePlans(host).SelectMany(plan => RelationsOf(plan.Plan)), node => node == (table, true));
        }
    }

    /// <summary>Every route, with every filter, order and kind of value, and pages further on.</summary>
    private static async Task<List<string>> PathsAsync(ReceiverHost host)
    {
        string[] filters =
        [
            "", "customer_satisfaction_rating=A", "customer_satisfaction_rating=null&customer_satisfaction_rating=E", "agent_performance_rating=B", "customer_satisfaction_rating=A&agent_performance_rating=null",
            "customer_satisfaction_rating=E&agent_performance_rating=B", "risk_factor=Churn", "risk_factor=risk+77", "risk_factor=none", "speaker=customer", "speaker=agent+7", "speaker=nobody",
            "q=罕見", "q=rarity", "q=文件", "q=documents", "q=nowhere", "q=補件+documents", "q=c4ca4238a0b923820dcc509a6f75849b", "q=e",
            "received_from=2025-02-01T00:00:00Z", "received_to=2025-02-01T00:00:00Z", "received_from=2025-02-01T00:00:00Z&received_to=2025-02-02T00:00:00Z", "received_from=2027-01-01T00:00:00Z",
            "q=文件&risk_factor=Churn&received_from=2025-02-01T00:00:00Z", "speaker=agent+7&customer_satisfaction_rating=D&received_to=2025-02-01T00:00:00Z",
        ];
        var paths = new List<string> { "/api/v1/workspaces" };
        foreach (var workspace in new List<string> { "/api/v1/workspaces/demo", "/api/v1/workspaces/other" })
        {
            foreach (var filter in workspace.EndsWith("demo", StringComparison.Ordinal) ? filters : [""])
            {
                paths.AddRange([$"{workspace}/meetings?{filter}", $"{workspace}/meetings?sort=received_at&limit=200&{filter}"]);
                if (filter.Contains("received", StringComparison.Ordinal))
                {
                    paths.Add($"{workspace}/export?{filter}");
                    continue;
                }

                foreach (var days in Days)
                    paths.AddRange([$"{workspace}/statistics?{filter}{days}", $"{workspace}/export?include=transcript&{filter}{days}"]);
                paths.AddRange([$"{workspace}/export?format=csv&{filter}{AllTime}", $"{workspace}/statistics?interval=month&{filter}{AllTime}"]);
            }

            foreach (var list in new List<string> { "meetings?limit=50", "meetings?limit=50&sort=received_at", "meetings?limit=20&q=文件", "meetings?limit=20&speaker=agent+2&sort=received_at", "deliveries?limit=50" })
            {
                var page = $"{workspace}/{list}";
                for (var number = 0; number < 3; number++)
                    paths.Add(page = $"{workspace}/{list}&cursor={(await AskAsync(host, page))["next_cursor"]}");
            }

            var meetingId = workspace.EndsWith("demo", StringComparison.Ordinal) ? "meeting-50001" : "meeting-50004";
            var meeting = await AskAsync(host, $"{workspace}/meetings/{meetingId}");
            var deliveryId = meeting["delivery_id"];
            paths.AddRange(new List<string> { "", "risk_factor=Churn&sort=received_at", "q=rarity" }.Select(filter => $"{workspace}/meetings/{meetingId}/neighbours?{filter}"));
            paths.AddRange(PartsOfMeeting.Select(part => $"{workspace}/meetings/{meetingId}{part}"));
            paths.AddRange(PartsOfDelivery.Select(part => $"{workspace}/deliveries/{deliveryId}{part}"));
            paths.AddRange(
                new[]
                {
                    "", "outcome=stored", "outcome=quarantined", "outcome=ignored", "outcome=erased", "outcome=unverified", $"meeting_id={meetingId}", "meeting_id=meeting-500", "meeting_id=none", "outcome=stored&meeting_id=" + meetingId,
                    "received_from=2025-02-01T00:00:00Z", "received_to=2025-02-01T00:00:00Z", "received_from=2025-02-01T00:00:00Z&received_to=2025-02-02T00:00:00Z&outcome=quarantined",
                    "outcome=stored&outcome=quarantined", "limit=1&key_id=key", "key_id=old", "limit=1&key_id=old&outcome=quarantined", "limit=1&reason=not+JSON", "reason=rare&path=&outcome=quarantined",
                }.Select(filter => $"{workspace}/deliveries?{filter}"));
            paths.AddRange(new[] { "keys", "audit", "deliveries/quarantine", $"deliveries/counts?{Days[1][1..]}" }.Select(report => $"{workspace}/{report}"));
        }

        paths.AddRange(Events.Select(query => $"/api/v1/workspaces/demo/events{query}"));
        return paths;
    }

    /// <summary>Asks, and goes away from a stream of events once it has begun.</summary>
    private static async Task<Answer> AskAsync(ReceiverHost host, string path)
    {
        if (!path.Contains("/events", StringComparison.Ordinal))
        {
            var answer = await host.Client.SendAsync(HttpMethod.Get, path);
            Assert.True(answer.Status == 200, $"{path}: {answer}");
            return answer;
        }

        await using var listener = await EventListener.StartAsync(host.Address, query: path.Contains('?', StringComparison.Ordinal) ? path[path.IndexOf('?', StringComparison.Ordinal)..] : "");
        await listener.ReadAsync();
        if (path.Contains('?', StringComparison.Ordinal))
            await listener.ReadMeetingAsync();
        return new Answer(200, "", [], null, new Dictionary<string, string>());
    }

    /// <summary>The plans of what has run since the last call.</summary>
    private static List<(string Statement, JsonElement Plan)> TakePlans(ReceiverHost host)
    {
        var plans = new List<(string, JsonElement)>();
        while (host.Logs.Notices.TryDequeue(out var notice))
        {
            if (!notice.Contains("  plan:", StringComparison.Ordinal))
                continue;
            var explained = JsonElement.Parse(notice[notice.IndexOf('{', StringComparison.Ordinal)..]);
            plans.Add((explained.GetProperty("Query Text").GetString()!, explained.GetProperty("Plan")));
        }

        return plans;
    }

    private static IEnumerable<(string Table, bool IsWhole)> RelationsOf(JsonElement plan)
    {
        if (plan.TryGetProperty("Relation Name", out var table))
            yield return (table.GetString()!, plan.GetProperty("Node Type").GetString()!.EndsWith("Seq Scan", StringComparison.Ordinal));
        if (!plan.TryGetProperty("Plans", out var parts))
            yield break;
        foreach (var node in parts.EnumerateArray().SelectMany(RelationsOf))
            yield return node;
    }

    private Task<ReceiverHost> StartExplainingAsync() => ReceiverHost.StartAsync(
        new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = Explaining }.ConnectionString,
        new ReceiverSettings
        {
            Values = { ["Serilog:MinimumLevel:Override:Npgsql.Connection"] = "Debug", ["Serilog:Filter:0"] = nameof(CapturedLogsSink.PostgresNotices) },
        });

    private async Task UntilAsync(string condition, string description) =>
        await Eventually.HoldsAsync(async () => await ScalarAsync($"SELECT ({condition})::int::bigint") == 1, description);

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
