using CallbackReceiver.Benchmarks.Servers;
using CallbackReceiver.Meetings.Searching;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>
/// Fills a database with a year of meetings of the workspace that is sent to, in every table that receiving and projecting write. The bodies
/// are small, since what slows a full table down is the size of its indexes. Ids scatter over all of these as those of the callbacks do, whose
/// numbers none of them has (<see cref="Load.CallbackNumber"/>; the 7 makes theirs larger). The blocks are closed, with a term that nobody looks for.
/// </summary>
internal static class FilledDatabase
{
    private const string Made = """
        CREATE UNLOGGED TABLE made AS
        SELECT
            id AS meeting_id,
            (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 5, 15))::uuid AS delivery_id,
            at AS received_at,
            convert_to('{{"event_name": "dashboard_analysis_finished", "meeting_id": "' || id || '", "payload": {{"transcript": []}}}}', 'UTF8') AS body
        FROM (
            SELECT n, 'seax_' || overlay(md5(n::text) placing '7' from 17) AS id, now() - interval '1 year' + n * (interval '1 year' - interval '1 hour') / {0} AS at
            FROM generate_series(1, {0}) AS n) AS rows
        """;

    private const string Deliveries = """
        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, body, outcome, event_name, meeting_id, key_id, received_at, duplicates)
        SELECT '{1}', delivery_id, sha256(body), body, 'stored', 'dashboard_analysis_finished', meeting_id, 'filled', received_at, 0 FROM made
        """;

    private const string Meetings = """
        INSERT INTO meetings
            (workspace_id, meeting_id, title, summary, customer_satisfaction_rating, agent_performance_rating, risk_factor,
             items, metadata, speakers, segments, delivery_ids, revision, first_received_at, received_at)
        SELECT '{1}', meeting_id, '文件補件', '客戶詢問案件進度', 'A', 'B', '溝通困難', jsonb '{{}}', jsonb '{{}}', ARRAY['客戶', '客服'], 0,
            ARRAY[delivery_id], 1, received_at, received_at
        FROM made
        """;

    private const string Search = $$"""
        INSERT INTO search (workspace_id, meeting_id, delivery_id, text, folded)
        SELECT '{1}', meeting_id, delivery_id, text, {{Refolding.Hash}} FROM made, (VALUES ('文件補件 客戶詢問案件進度' || chr(10))) AS folded (text)
        """;

    private const string Facts = """
        INSERT INTO facts (workspace_id, meeting_id, received_at, customer_satisfaction_rating, agent_performance_rating, risk_factor, speakers)
        SELECT '{1}', meeting_id, received_at, 'A', 'B', '溝通困難', ARRAY['客戶', '客服'] FROM made
        """;

    private const string Blocks = """
        INSERT INTO search_blocks (workspace_id, from_at, to_at, segment_id)
        SELECT '{1}', from_at, lead(from_at, 1, 'infinity') OVER (ORDER BY from_at), CASE WHEN lead(from_at) OVER (ORDER BY from_at) IS NOT NULL THEN '00000000-0000-0000-0000-000000000000'::uuid END
        FROM (
            SELECT CASE WHEN row_number() OVER (ORDER BY received_at) = 1 THEN '-infinity' ELSE received_at END AS from_at, row_number() OVER (ORDER BY received_at) AS n
            FROM made
        ) AS numbered
        WHERE n % 256 = 1
        """;

    public static async Task<BenchmarkDatabase> CreateAsync(PostgresServer postgres, int meetings, CancellationToken cancellationToken)
    {
        var database = await postgres.CreateDatabaseAsync(cancellationToken);
        try
        {
            // A database somebody is connected to, were it only a pool, cannot be copied.
            await SchemaSetup.MigrateAsync(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ConnectionString, cancellationToken);
            await using var connection = await database.OpenAsync(cancellationToken);
            foreach (var sql in new[] { Made, Deliveries, Meetings, Search, Facts, Blocks, "DROP TABLE made", "VACUUM (ANALYZE)", "CHECKPOINT" })
                await connection.ExecuteAsync(string.Format(null, sql, meetings, VariantProcess.WorkspaceId), cancellationToken);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }
}
