using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>What another version of the service folded is folded anew, be it before the upgrade or beside this version.</summary>
[Trait("Category", "Storage")]
public sealed class RefoldingTests(PostgresServer server) : IAsyncLifetime
{
    private const int Calls = 500;

    /// <summary>As the version before has them: all projected, and the blocks of all but the last calls sealed.</summary>
    private static readonly string Fill = $"""
        CREATE TABLE call AS SELECT n, gen_random_uuid() AS delivery_id, now() - interval '2 days' + n * interval '1 minute' AS at FROM generate_series(1, {Calls}) AS n;
        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, body, outcome, meeting_id, key_id, received_at, duplicates)
        SELECT 'demo', delivery_id, sha256(n::text::bytea), convert_to('{"{}"}', 'UTF8'), 'stored', 'meeting-' || n, 'key', at, 0 FROM call;
        INSERT INTO meetings (workspace_id, meeting_id, title, items, metadata, speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
        SELECT 'demo', 'meeting-' || n, CASE n % 250 WHEN 100 THEN 'Straße' ELSE 'a call' END, '{"{}"}', '{"{}"}', '{"{}"}', 0, '[]', ARRAY[delivery_id], 1, at, at FROM call;
        INSERT INTO facts (workspace_id, meeting_id, received_at, speakers) SELECT 'demo', 'meeting-' || n, at, '{"{}"}' FROM call;
        INSERT INTO search (workspace_id, meeting_id, delivery_id, text) SELECT 'demo', 'meeting-' || n, delivery_id, CASE n % 250 WHEN 100 THEN 'straße' ELSE 'a call' END || chr(10) FROM call;
        INSERT INTO search (workspace_id, meeting_id, delivery_id, text) VALUES ('demo', 'erased by the version before', gen_random_uuid(), 'erased' || chr(10));
        INSERT INTO feeds (workspace_id) VALUES ('demo');
        INSERT INTO search_blocks (workspace_id, from_at, to_at, terms)
        SELECT 'demo', CASE n WHEN 1 THEN '-infinity' ELSE at END, coalesce((SELECT at FROM call AS next WHERE next.n = call.n + 128), 'infinity'), CASE WHEN n < 385 THEN ARRAY[1] END
        FROM call WHERE n % 128 = 1
        """;

    /// <summary>As the version before writes a text, in place of one that is folded as this version does.</summary>
    private const string WriteAsBefore = """
        INSERT INTO search (workspace_id, meeting_id, delivery_id, text) SELECT 'demo', 'meeting-' || n, delivery_id, 'straße' || chr(10) FROM call WHERE n IN (7, 499)
        ON CONFLICT (workspace_id, meeting_id) DO UPDATE SET delivery_id = excluded.delivery_id, text = excluded.text
        """;

    private string connectionString = "";

    public async ValueTask InitializeAsync()
    {
        connectionString = await server.CreateEmptyDatabaseAsync();
        var options = new DbContextOptionsBuilder<ReceiverDbContext>();
        StorageSetup.Configure(options.UseNpgsql(connectionString));
        await using var context = new ReceiverDbContext(options.Options);
        await context.GetService<IMigrator>().MigrateAsync("ItemsAsSent", TestContext.Current.CancellationToken);
        await ExecuteAsync(Fill);
    }

    public async ValueTask DisposeAsync() => await server.DropDatabaseAsync(connectionString);

    [Fact]
    public async Task What_another_version_folded_is_folded_anew_and_found()
    {
        await using var host = await ReceiverHost.StartAsync(connectionString);

        await Eventually.HoldsAsync(async () => await CountAsync($"search WHERE {Refolding.IsToFold}") == 0, "all is folded anew");
        await UntilSealedAsync();
        Assert.Equal(["meeting-350", "meeting-100"], await SearchAsync(host));
        Assert.Equal(["a call\n", "strasse\n"], await TextsAsync());
        Assert.Equal(0, await CountAsync("search WHERE meeting_id LIKE 'erased%'"));
        Assert.Equal(Calls, await CountAsync("search"));

        await ExecuteAsync(WriteAsBefore);
        Assert.Equal(2, await CountAsync($"search WHERE {Refolding.IsToFold}"));

        await Eventually.HoldsAsync(async () => await CountAsync($"search WHERE {Refolding.IsToFold}") == 0, "what the version before wrote is folded anew");
        await UntilSealedAsync();
        Assert.Equal(["a call\n", "strasse\n"], await TextsAsync());
        Assert.Equal(["meeting-499", "meeting-350", "meeting-100", "meeting-7"], await SearchAsync(host));
        Assert.Empty(host.Logs.Lines);
    }

    [Fact]
    public async Task Migration_that_was_broken_off_is_begun_again()
    {
        await ExecuteAsync($"ALTER TABLE search ADD COLUMN folded bigint; CREATE INDEX ix_search_to_fold ON search (workspace_id)");

        await using var host = await ReceiverHost.StartAsync(connectionString);

        await Eventually.HoldsAsync(async () => await CountAsync($"search WHERE {Refolding.IsToFold}") == 0, "all is folded anew");
        Assert.Equal(1, await CountAsync("pg_index WHERE indexrelid = 'ix_search_to_fold'::regclass AND indisvalid AND indpred IS NOT NULL"));
    }

    [Fact]
    public async Task The_index_of_what_is_to_be_folded_is_taken_for_looking()
    {
        await using (await ReceiverHost.StartAsync(connectionString))
            await Eventually.HoldsAsync(async () => await CountAsync($"search WHERE {Refolding.IsToFold}") == 0, "all is folded anew");
        await ExecuteAsync("ANALYZE search");

        var plan = await ReadAsync($"EXPLAIN SELECT meeting_id FROM search WHERE workspace_id = 'demo' AND {Refolding.IsToFold} ORDER BY meeting_id LIMIT 1");

        Assert.Contains(plan, line => line.Contains("ix_search_to_fold", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, line => line.Contains("hashtextextended", StringComparison.Ordinal)); // nothing is compared again
    }

    private static async Task<List<string>> SearchAsync(ReceiverHost host)
    {
        var answer = await host.Client.SendAsync(HttpMethod.Get, "/api/v1/workspaces/demo/meetings?q=STRASSE");
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(meeting => meeting.GetProperty("meeting_id").GetString()!)];
    }

    private Task UntilSealedAsync() => Eventually.HoldsAsync(async () => await CountAsync("search_blocks WHERE segment_id IS NULL AND to_at < 'infinity'") == 0, "the blocks are sealed");

    private Task<List<string>> TextsAsync() => ReadAsync("SELECT DISTINCT text FROM search ORDER BY text");

    private async Task<List<string>> ReadAsync(string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var values = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            values.Add(reader.GetString(0));
        return values;
    }

    private async Task<long> CountAsync(string from) => long.Parse((await ReadAsync($"SELECT count(*)::text FROM {from}"))[0], System.Globalization.CultureInfo.InvariantCulture);

    private async Task ExecuteAsync(string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
