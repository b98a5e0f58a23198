using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>What people expect of a search, and that it keeps up with what is stored.</summary>
public sealed class SearchTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo";

    private ReceiverProcess Service => receiver.Service;

    [Theory]
    [InlineData("文件", true)]
    [InlineData("補件", true)]
    [InlineData("客戶需要", true)]
    [InlineData("件", true)]
    [InlineData("要補", true)]
    [InlineData("文件 補件", true)]
    [InlineData("文件 退款", false)]
    [InlineData("documents", true)]
    [InlineData("DOCUMENT", true)]
    [InlineData("ocumen", true)]
    [InlineData("d", true)]
    [InlineData("zz", false)]
    [InlineData("upload documents", true)]
    [InlineData("documents upload", true)]
    [InlineData("\"upload documents\"", false)]
    [InlineData("\"upload supplementary documents\"", true)]
    [InlineData("\"Upload   SUPPLEMENTARY\"", true)]
    [InlineData("100%", true)]
    [InlineData("1%0", false)]
    [InlineData("%", true)]
    [InlineData("a_b", true)]
    [InlineData("axb", false)]
    [InlineData("___", false)]
    [InlineData("it's", true)]
    [InlineData("C:\\temp", true)]
    [InlineData("5\"", true)]
    [InlineData("\"yes\"", true)]
    [InlineData("abc123", true)]
    [InlineData("ＡＢＣ１２３", true)]
    [InlineData("ünïcode", true)]
    [InlineData("ÜNÏCODE", true)]
    [InlineData("😀", true)]
    [InlineData("😁", false)]
    [InlineData("title-word", true)]
    [InlineData("feedback-word", true)]
    [InlineData("risk-word", true)]
    [InlineData("transcript-word", true)]
    [InlineData("title-word transcript-word", true)]
    [InlineData("speaker-word", false)]
    [InlineData("item-word", false)]
    [InlineData("sold bold", true)]
    [InlineData("\"sold bold\"", false)]
    public async Task A_word_is_found_where_people_expect_it(string q, bool isFound)
    {
        var sent = new CallbackBuilder("what-people-expect")
        {
            Title = "title-word ＡＢＣ１２３ 100% a_b",
            Summary = "客戶需要補件，文件明天上傳。 The customer needs to upload\n supplementary documents, it's in C:\\temp, 5\" wide; he said \"yes\".",
            AgentPerformanceFeedback = "feedback-word Ünïcode 😀",
            RiskFactor = "risk-word",
            Transcript = new object[] { CallbackBuilder.Segment("transcript-word sold", "speaker-word"), CallbackBuilder.Segment("bold", null) },
            Items = [new("note", "item-word")],
        };
        await Service.PostAsync("demo", sent.Build());
        await UntilProjectedAsync();

        Assert.Equal(isFound, (await SearchAsync(q)).Contains("what-people-expect"));
    }

    [Theory]
    [InlineData("STRASSE")]
    [InlineData("straße")]
    [InlineData("σίσυφος")]
    [InlineData("ΣΊΣΥΦΟΣ")]
    [InlineData("istanbul")]
    [InlineData("İSTANBUL")]
    [InlineData("ISTANBUL")]
    [InlineData("ガソリン")]
    [InlineData("ｶﾞｿﾘﾝ")]
    [InlineData("finance")]
    [InlineData("株式会社")]
    [InlineData("no 1")]
    [InlineData("softly")]
    [InlineData("zero\u200bwidth")]
    [InlineData("cafe\u0301")]
    [InlineData("CAFÉ")]
    [InlineData("it's")]
    [InlineData("it’s")]
    [InlineData("“foo bar”")]
    [InlineData("„foo bar“")]
    [InlineData("\"foo bar\"\"baz\"")]
    [InlineData("\" foo\" baz")]
    [InlineData("\"foo bar")]
    [InlineData("“foo baz”", false)]
    [InlineData("\"foo\"\"bez\"", false)]
    [InlineData("cafe", false)]
    public async Task A_word_is_found_in_whichever_form_it_is_written(string q, bool isFound = true)
    {
        var sent = new CallbackBuilder("in-many-forms")
        {
            Title = "Lange Straße, ΣΊΣΥΦΟΣ, İstanbul'da ｶﾞｿﾘﾝ ﬁnance ㍿",
            Summary = "№ ① so\u00adftly zero\u200bwidth café it’s «foo\u00a0bar» baz",
        };
        await Service.PostAsync("demo", sent.Build());
        await UntilProjectedAsync();

        Assert.Equal(isFound, (await SearchAsync(q)).Contains("in-many-forms"));
    }

    [Fact]
    public async Task A_new_analysis_is_found_by_its_own_words_and_no_longer_by_those_of_the_old_one()
    {
        await Service.PostAsync("demo", new CallbackBuilder("again") { Title = "quondam" }.Build());
        await Eventually.HoldsAsync(async () => (await SearchAsync("quondam")).Contains("again"));
        await Service.PostAsync("demo", new CallbackBuilder("again") { Title = "hodiernal" }.Build());
        await Eventually.HoldsAsync(async () => (await SearchAsync("hodiernal")).Contains("again"));

        Assert.Empty(await SearchAsync("quondam"));
    }

    [Fact]
    public async Task An_erased_meeting_is_found_no_more_and_leaves_no_text_behind()
    {
        await Service.PostAsync("demo", new CallbackBuilder("to-erase") { Title = "effaceable" }.Build());
        await UntilProjectedAsync();
        Assert.Equal(["to-erase"], await SearchAsync("effaceable"));

        Assert.Equal(204, (await Service.DeleteAsync($"{Demo}/meetings/to-erase")).Status);

        Assert.Empty(await SearchAsync("effaceable"));
        Assert.Equal(0, await receiver.ScalarAsync<long>("SELECT count(*) FROM search WHERE meeting_id = 'to-erase'"));
        Assert.Equal(0, await receiver.ScalarAsync<long>("SELECT count(*) FROM events WHERE meeting_id = 'to-erase'"));
        Assert.Equal(0, await receiver.ScalarAsync<long>("SELECT count(*) FROM changes WHERE meeting_id = 'to-erase'"));
    }

    [Fact]
    public async Task Another_workspace_s_words_are_not_found()
    {
        await Service.PostAsync("other", new CallbackBuilder("of-other") { Title = "alienable" }.Envelope("workspace_id", "other").Build(), Keys.Other);
        await UntilProjectedAsync();

        Assert.Empty(await SearchAsync("alienable"));
        Assert.Single((await Service.GetAsync("/api/v1/workspaces/other/meetings?q=alienable")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task What_a_killed_service_left_is_made_searchable_by_the_next_one()
    {
        await using var first = await receiver.StartAsync();
        await using (await receiver.HoldProjectionAsync())
        {
            await first.PostAsync("demo", new CallbackBuilder("left") { Title = "posthumous" }.Build());
            first.Kill();
            Assert.Empty(await SearchAsync("posthumous"));
        }

        await Eventually.HoldsAsync(async () => (await SearchAsync("posthumous")).Contains("left"));
    }

    [Fact]
    public async Task What_a_replica_of_the_version_before_stores_is_found_and_told_as_well()
    {
        await Service.PostAsync("demo", new CallbackBuilder("of-now") { Title = "rearward" }.Build());
        await UntilProjectedAsync();
        await receiver.QueryAsync("""
            INSERT INTO meetings SELECT copy.* FROM meetings m, jsonb_populate_record(m, jsonb_build_object('meeting_id', 'of-before', 'delivery_ids', ARRAY[gen_random_uuid()])) AS copy
            WHERE m.workspace_id = 'demo' AND m.meeting_id = 'of-now'
            """);

        await using var next = await receiver.StartAsync();

        await Eventually.HoldsAsync(async () => (await SearchAsync("rearward")).Contains("of-before"));
        Assert.Equal(1, await receiver.ScalarAsync<long>("SELECT count(*) FROM events WHERE meeting_id = 'of-before'"));
    }

    [Fact]
    public async Task What_comes_late_into_a_sealed_time_is_found()
    {
        await Parallel.ForAsync(0, 300, async (n, _) => await Service.PostAsync("demo", new CallbackBuilder($"early-{n}").Build()));
        await UntilProjectedAsync();
        await receiver.QueryAsync("""
            UPDATE meetings SET received_at = received_at - interval '1 day' WHERE meeting_id LIKE 'early-%';
            INSERT INTO changes SELECT workspace_id, delivery_ids[revision], meeting_id, false FROM meetings WHERE meeting_id LIKE 'early-%' ON CONFLICT DO NOTHING
            """);
        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM search_blocks WHERE segment_id IS NOT NULL AND to_at < now() - interval '1 hour')"));

        await Service.PostAsync("demo", new CallbackBuilder("late") { Title = "belated" }.Build());
        await UntilProjectedAsync();
        await receiver.QueryAsync("""
            UPDATE meetings SET received_at = (SELECT min(received_at) FROM meetings) WHERE meeting_id = 'late';
            INSERT INTO changes SELECT workspace_id, delivery_ids[revision], meeting_id, false FROM meetings WHERE meeting_id = 'late' ON CONFLICT DO NOTHING
            """);

        await Eventually.HoldsAsync(async () => (await ExportAsync("belated")).Contains("\"late\"", StringComparison.Ordinal));
        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM search_blocks WHERE segment_id IS NULL AND to_at < 'infinity'") == 0);
        Assert.Contains("\"late\"", await ExportAsync("belated"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_meeting_of_a_sealed_time_that_changes_is_found_as_it_is_at_once()
    {
        await Service.PostAsync("demo", new CallbackBuilder("changing") { RiskFactor = "as it was" }.Build());
        await Parallel.ForAsync(0, 700, async (n, _) => await Service.PostAsync("demo", new CallbackBuilder($"newer-{n}").Build()));
        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<bool>("""
            SELECT EXISTS (SELECT FROM search_blocks b JOIN meetings m ON m.received_at >= b.from_at AND m.received_at < b.to_at WHERE b.segment_id IS NOT NULL AND m.meeting_id = 'changing')
            """));
        Assert.Equal(["changing"], await ListAsync("risk_factor=as%20it%20was"));

        await using var holding = await receiver.HoldProjectionAsync();
        await Service.PostAsync("demo", new CallbackBuilder("changing") { RiskFactor = "as it is" }.Build());

        Assert.Empty(await ListAsync("risk_factor=as%20it%20was"));
        Assert.Equal(["changing"], await ListAsync("risk_factor=as%20it%20is"));
        Assert.Equal(1, await receiver.ScalarAsync<long>("SELECT count(*) FROM facts WHERE meeting_id = 'changing' AND risk_factor = 'as it was'"));
    }

    private async Task UntilProjectedAsync() => await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM changes") == 0);

    private Task<List<string>> SearchAsync(string q) => ListAsync($"q={Uri.EscapeDataString(q)}");

    private async Task<List<string>> ListAsync(string filter)
    {
        var answer = await Service.GetAsync($"{Demo}/meetings?limit=200&{filter}");
        Assert.True(answer.Status == 200, answer.ToString());
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("meeting_id").GetString()!)];
    }

    /// <summary>The export asks the index at once, and has no near meetings.</summary>
    private async Task<string> ExportAsync(string q) => (await Service.GetAsync($"{Demo}/export?q={q}")).Body;
}
