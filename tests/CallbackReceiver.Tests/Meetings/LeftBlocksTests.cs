using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Nothing of what an earlier analysis said is left in the blocks, be it analysed again or erased.</summary>
[Trait("Category", "Storage")]
public sealed class LeftBlocksTests(PostgresServer server) : IAsyncLifetime
{
    private const string Word = "zebrafish";
    private const string Meeting = "/api/v1/workspaces/demo/meetings/meeting-100";

    private const string Fill = $"""
        CREATE TEMPORARY TABLE call AS SELECT n, gen_random_uuid() AS delivery_id, now() - interval '2 days' + n * interval '1 minute' AS at FROM generate_series(1, 500) AS n;
        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, body, outcome, meeting_id, key_id, received_at, duplicates)
        SELECT 'demo', delivery_id, sha256(n::text::bytea), convert_to('{"{}"}', 'UTF8'), 'stored', 'meeting-' || n, 'key', at, 0 FROM call;
        INSERT INTO meetings (workspace_id, meeting_id, title, items, metadata, speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
        SELECT 'demo', 'meeting-' || n, CASE n WHEN 100 THEN '{Word}' ELSE 'a call' END, '{"{}"}', '{"{}"}', '{"{}"}', 0, '[]', ARRAY[delivery_id], 1, at, at FROM call;
        INSERT INTO changes (workspace_id, delivery_id, meeting_id, announce) SELECT 'demo', delivery_id, 'meeting-' || n, false FROM call
        """;

    private readonly TestDatabase database = new(server);
    private ReceiverHost host = null!;

    public async ValueTask InitializeAsync()
    {
        await database.InitializeAsync();
        host = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings { Time = new MovableTime() });
        await database.ExecuteAsync(Fill);
        await UntilSealedAsync();
        Assert.Equal(1, await BlocksWithTheWordAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task The_words_before_a_new_analysis_leave_their_block()
    {
        Assert.Equal(2, (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder("meeting-100") { Title = "again" }.Build(), Keys.Demo)).Revision);

        await Eventually.HoldsAsync(async () => await BlocksWithTheWordAsync() == 0, "the word is in no block");
        await UntilSealedAsync();
        Assert.Equal(0, await BlocksWithTheWordAsync());
    }

    [Fact]
    public async Task The_words_of_every_analysis_leave_the_blocks_when_the_meeting_is_erased()
    {
        // An earlier version left the terms where they were when the meeting was analysed again.
        await database.ExecuteAsync("CREATE TABLE before AS SELECT * FROM search_blocks");
        Assert.Equal(2, (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder("meeting-100") { Title = "again" }.Build(), Keys.Demo)).Revision);
        await Eventually.HoldsAsync(async () => await CountAsync("facts WHERE meeting_id = 'meeting-100' AND received_at > now() - interval '1 day'") == 1, "it is projected");
        await UntilSealedAsync();
        await database.ExecuteAsync("UPDATE search_blocks AS b SET terms = before.terms FROM before WHERE before.from_at = b.from_at AND before.terms IS NOT NULL");
        Assert.Equal(1, await BlocksWithTheWordAsync());

        Assert.Equal(204, (await host.Client.SendAsync(HttpMethod.Delete, Meeting)).Status);

        Assert.Equal(0, await BlocksWithTheWordAsync());
        await UntilSealedAsync();
        Assert.Equal(0, await BlocksWithTheWordAsync());
    }

    /// <summary>All blocks but the last are.</summary>
    private Task UntilSealedAsync() => Eventually.HoldsAsync(
        async () => await CountAsync("changes") == 0 && await CountAsync("search_blocks WHERE terms IS NULL AND to_at < 'infinity'") == 0 && await CountAsync("search_blocks") >= 3, "the blocks are sealed");

    private async Task<long> BlocksWithTheWordAsync()
    {
        var terms = new HashSet<int>();
        new Terms(Workspaces.Demo).AddPiecesToFind(terms, Word);
        return await CountAsync($"search_blocks WHERE terms @> ARRAY[{string.Join(", ", terms)}]");
    }

    private async Task<long> CountAsync(string from)
    {
        await using var command = database.DataSource.CreateCommand($"SELECT count(*) FROM {from}");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
