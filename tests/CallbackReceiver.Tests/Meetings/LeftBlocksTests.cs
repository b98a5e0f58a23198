using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Nothing of what an earlier analysis said is left in the segments, be the meeting analysed again or erased, and what is left is found.</summary>
[Trait("Category", "Storage")]
public sealed class LeftBlocksTests(PostgresServer server) : IAsyncLifetime
{
    private const string Word = "zebrafish";
    private const string Other = "okapi";
    private const string Meeting = "/api/v1/workspaces/demo/meetings/meeting-100";

    /// <summary>Enough for a full segment, and some small ones.</summary>
    private const string Fill = $"""
        CREATE TEMPORARY TABLE call AS SELECT n, gen_random_uuid() AS delivery_id, now() - interval '20 days' + n * interval '1 minute' AS at FROM generate_series(1, 9500) AS n;
        INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, body, outcome, meeting_id, key_id, received_at, duplicates)
        SELECT 'demo', delivery_id, sha256(n::text::bytea), convert_to('{"{}"}', 'UTF8'), 'stored', 'meeting-' || n, 'key', at, 0 FROM call;
        INSERT INTO meetings (workspace_id, meeting_id, title, items, metadata, speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
        SELECT 'demo', 'meeting-' || n, CASE WHEN n = 100 THEN '{Word}' WHEN n % 1000 = 7 THEN '{Other}' ELSE 'a call' END, '{"{}"}', '{"{}"}', '{"{}"}', 0, '[]', ARRAY[delivery_id], 1, at, at FROM call;
        INSERT INTO changes (workspace_id, delivery_id, meeting_id, announce) SELECT 'demo', delivery_id, 'meeting-' || n, false FROM call
        """;

    /// <summary>As though the hour had passed after which segments are written anew.</summary>
    private const string Age = "UPDATE search_segments SET stale_since = stale_since - interval '2 hours'";

    private readonly TestDatabase database = new(server);
    private ReceiverHost host = null!;

    public async ValueTask InitializeAsync()
    {
        await database.InitializeAsync();
        host = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings { Time = new MovableTime() });
        await database.ExecuteAsync(Fill);
        await UntilSealedAsync();
        await Eventually.HoldsAsync(async () => await CountAsync("search_segments WHERE blocks > 1") == 1, "segments are merged");
        Assert.Equal(1, await SegmentsWithAsync(Word));
        Assert.InRange(await SegmentsWithAsync(Other), 1, 10);
        await AssertOthersAreFoundAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task The_words_before_a_new_analysis_leave_their_segment()
    {
        Assert.Equal(2, (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder("meeting-100") { Title = "again" }.Build(), Keys.Demo)).Revision);
        await Eventually.HoldsAsync(async () => await CountAsync("facts WHERE meeting_id = 'meeting-100' AND received_at > now() - interval '1 day'") == 1, "it is projected");
        await UntilSealedAsync();
        await AssertOthersAreFoundAsync();
        Assert.Empty(await SearchAsync(Word));
        Assert.Equal(1, await SegmentsWithAsync(Word));

        await database.ExecuteAsync(Age);

        await Eventually.HoldsAsync(async () => await SegmentsWithAsync(Word) == 0, "the word is in no segment");
        await AssertOthersAreFoundAsync();
        Assert.Equal(["meeting-100"], await SearchAsync("again"));
    }

    [Fact]
    public async Task The_words_of_every_analysis_leave_the_segments_when_the_meeting_is_erased()
    {
        Assert.Equal(2, (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder("meeting-100") { Title = $"{Word} again" }.Build(), Keys.Demo)).Revision);
        await Eventually.HoldsAsync(async () => (await SearchAsync(Word)) is ["meeting-100"], "it is found as it is");
        await UntilSealedAsync();

        Assert.Equal(204, (await host.Client.SendAsync(HttpMethod.Delete, Meeting)).Status);

        Assert.Equal(0, await CountAsync("search_blocks WHERE 'meeting-100' = ANY (meeting_ids)"));
        Assert.Empty(await SearchAsync(Word));
        await UntilSealedAsync();
        await database.ExecuteAsync(Age);
        await Eventually.HoldsAsync(async () => await SegmentsWithAsync(Word) == 0, "the word is in no segment");
        await AssertOthersAreFoundAsync();
    }

    [Fact]
    public async Task A_segment_whose_blocks_were_all_opened_goes()
    {
        var before = await SegmentIdsAsync();

        await database.ExecuteAsync(CallbackReceiver.Storage.BlockOpening.Statement("b.from_at > $2").Replace("$1", "'demo'", StringComparison.Ordinal).Replace("$2", "'-infinity'", StringComparison.Ordinal));
        await database.ExecuteAsync(Age);

        await Eventually.HoldsAsync(async () => !(await SegmentIdsAsync()).Intersect(before).Any(), "no segment of before is left");
        Assert.Equal(0, await CountAsync("search_postings p WHERE NOT EXISTS (SELECT FROM search_segments s WHERE s.segment_id = p.segment_id)"));
        await UntilSealedAsync();
        await AssertOthersAreFoundAsync();
    }

    private async Task AssertOthersAreFoundAsync() => Assert.Equal(
        Enumerable.Range(0, 10).Select(thousand => $"meeting-{(1000 * thousand) + 7}").Reverse(), await SearchAsync(Other));

    private async Task<List<string>> SearchAsync(string word)
    {
        var answer = await host.Client.SendAsync(HttpMethod.Get, $"/api/v1/workspaces/demo/meetings?limit=200&q={word}");
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("meeting_id").GetString()!)];
    }

    /// <summary>All blocks but the last are.</summary>
    private Task UntilSealedAsync() => Eventually.HoldsAsync(
        async () => await CountAsync("changes") == 0 && await CountAsync("search_blocks WHERE segment_id IS NULL AND to_at < 'infinity'") == 0 && await CountAsync("search_blocks") >= 30, "the blocks are sealed");

    private async Task<long> CountAsync(string from)
    {
        await using var command = database.DataSource.CreateCommand($"SELECT count(*) FROM {from}");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task<List<Guid>> SegmentIdsAsync()
    {
        await using var command = database.DataSource.CreateCommand("SELECT segment_id FROM search_segments");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    /// <summary>Of how many segments any place has all n-grams of the word.</summary>
    private async Task<int> SegmentsWithAsync(string word)
    {
        var terms = new HashSet<int>();
        new Terms(Workspaces.Demo).AddNGramsToFind(terms, word);
        await using var command = database.DataSource.CreateCommand("SELECT s.segment_id, s.places, s.bucket_bits, p.bucket, p.postings FROM search_segments s JOIN search_postings p USING (workspace_id, segment_id)");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var marks = new Dictionary<(Guid, int), ulong[]>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            foreach (var term in terms.Where(term => Postings.BucketOf((uint)term, reader.GetInt32(2)) == reader.GetInt32(3)))
            {
                var places = marks[(reader.GetGuid(0), term)] = new ulong[(reader.GetInt32(1) + 63) / 64];
                Postings.Mark(reader.GetFieldValue<byte[]>(4), (uint)term, Postings.FirstTermOf(reader.GetInt32(3), reader.GetInt32(2)), reader.GetInt32(1), places);
            }
        }

        return marks.GroupBy(ofTerm => ofTerm.Key.Item1, ofTerm => ofTerm.Value)
            .Count(segment => segment.Count() == terms.Count && segment.Aggregate((all, next) => [.. all.Zip(next, (one, other) => one & other)]).Any(word => word != 0));
    }
}
