using CallbackReceiver.Tests.Infrastructure;
using Npgsql;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>One delivery that PostgreSQL does not take, for whatever reason, delays no other and is not lost itself.</summary>
public sealed class FaultyDeliveryTests(Receiver receiver) : IClassFixture<Receiver>, IDisposable
{
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"callback-receiver-spool-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("P0001")] // an operator's trigger
    [InlineData("0A000")] // feature not supported
    [InlineData("22P05")] // untranslatable character
    [InlineData("53100")] // disk full: whatever the code says, others are stored
    [InlineData("42501")] // insufficient privilege
    [InlineData("XX000")] // internal error
    public async Task An_analysis_that_is_refused_is_quarantined_and_others_are_stored(string sqlState)
    {
        await using var host = await ReceiverHost.StartAsync(receiver.ConnectionString); // which waits for PostgreSQL as long as it takes
        await using var refusing = await RefuseAsync("meetings", "NEW.title = 'refused'", $"RAISE EXCEPTION USING ERRCODE = '{sqlState}'");

        var refused = new CallbackBuilder { Title = "refused" }.Build();
        var answers = await Task.WhenAll(Together(refused).Select(body => host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo)));

        Assert.Equal((202, "quarantined"), (answers[0].Status, answers[0].Outcome));
        Assert.Contains(sqlState, answers[0].ToString(), StringComparison.Ordinal);
        Assert.All(answers.Skip(1), answer => Assert.Equal((200, "stored"), (answer.Status, answer.Outcome)));
        Assert.Equal("stored", (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo)).Outcome);
        Assert.Equal(refused, await receiver.ScalarAsync<byte[]>("SELECT body FROM deliveries WHERE delivery_id = $1", answers[0].DeliveryId));
    }

    [Theory]
    [InlineData("RAISE EXCEPTION USING ERRCODE = 'P0001'")]
    [InlineData("RAISE EXCEPTION USING ERRCODE = '57014'")] // query cancelled
    [InlineData("PERFORM pg_sleep(60)")]
    [InlineData("PERFORM pg_terminate_backend(pg_backend_pid())")]
    public async Task A_delivery_that_cannot_even_be_quarantined_is_held_and_stored_once_it_can(string fault)
    {
        await using var service = await StartAsync();
        var refused = new CallbackBuilder().Build();
        Answer[] answers;
        await using (await RefuseAsync("deliveries", $"NEW.body_sha256 = sha256('\\x{Convert.ToHexString(refused)}')", fault))
        {
            answers = await PostTogetherAsync(service, refused);
            Assert.Equal((202, "spooled"), (answers[0].Status, answers[0].Outcome));
            await Eventually.HoldsAsync(async () => (await MetricsPage.ReadAsync(service)).Sum("callback_receiver_spool_held") == 1, "it is held");
            await UntilOthersAreStoredAtOnceAsync(service);
            Assert.Equal(200, (await service.GetAsync("/healthz/ready", apiKey: null)).Status);
            await service.StopAsync(); // before the fault is gone: amid a try, what was refused a moment ago would be quarantined
        }

        await using var next = await StartAsync();
        await next.UntilSpoolIsEmptyAsync();
        Assert.Equal("stored", await receiver.ScalarAsync<string>("SELECT outcome FROM deliveries WHERE delivery_id = $1", answers[0].DeliveryId));
    }

    [Fact]
    public async Task A_meeting_that_somebody_else_locks_makes_no_other_wait()
    {
        await using var service = await StartAsync();
        var locked = CallbackBuilder.NewMeetingId();
        Assert.Equal("stored", (await service.PostAsync("demo", new CallbackBuilder(locked).Build())).Outcome);
        Answer[] answers;
        await using (var connection = await receiver.OpenAsync())
        {
            await using var command = new NpgsqlCommand($"BEGIN; SELECT FROM meetings WHERE meeting_id = '{locked}' FOR UPDATE", connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

            answers = await PostTogetherAsync(service, new CallbackBuilder(locked) { Summary = "again" }.Build());

            Assert.Equal("spooled", answers[0].Outcome);
            await Eventually.HoldsAsync(async () => await service.SpooledAsync() == 1, "no other is left in the spool");
            await UntilOthersAreStoredAtOnceAsync(service);
        }

        await service.UntilSpoolIsEmptyAsync();
        Assert.Equal("again", (await service.GetAsync($"/api/v1/workspaces/demo/meetings/{locked}"))["summary"]);
    }

    [Fact]
    public async Task The_only_writer_goes_on_while_PostgreSQL_is_busy_with_what_is_slow()
    {
        // It waits for PostgreSQL as long as it takes, so that no limit makes room for the others.
        await using var host = await ReceiverHost.StartAsync(receiver.ConnectionString, new ReceiverSettings
        {
            Values = { ["Callbacks:Writers"] = "1" },
            Patience = EndlessPatience.WithPostgres with { Slow = TimeSpan.FromMilliseconds(50) },
        });
        var locked = CallbackBuilder.NewMeetingId();
        Assert.Equal("stored", (await PostAsync(new CallbackBuilder(locked).Build())).Outcome);
        Task<Answer> slow;
        await using (var connection = await receiver.OpenAsync())
        {
            await using var command = new NpgsqlCommand($"BEGIN; SELECT FROM meetings WHERE meeting_id = '{locked}' FOR UPDATE", connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            slow = PostAsync(new CallbackBuilder(locked) { Summary = "again" }.Build());
            await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 1);

            for (var others = 0; others < 20; others++)
                Assert.Equal("stored", (await PostAsync(new CallbackBuilder().Build())).Outcome);

            Assert.False(slow.IsCompleted);
        }

        Assert.Equal("stored", (await slow).Outcome);

        Task<Answer> PostAsync(byte[] body) => host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
    }

    [Fact]
    public async Task A_backlog_with_faulty_deliveries_in_it_is_stored_but_for_those()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        await using var service = await StartAsync(connectionString);
        await using var refusing = await RefuseAsync("deliveries", "NEW.meeting_id LIKE 'faulty-%' OR length(NEW.body) = 37", "RAISE EXCEPTION 'no'");
        proxy.Cut();
        var faulty = await PostAllAsync(service, Enumerable.Range(0, 7).Select(i => new byte[37].Append((byte)i).Skip(1).ToArray()));
        var good = await PostAllAsync(service, Enumerable.Range(0, 60).Select(_ => new CallbackBuilder().Build()));
        Assert.All([.. faulty, .. good], answer => Assert.Equal("spooled", answer.Outcome));

        proxy.Mend();

        await Eventually.HoldsAsync(async () => await service.SpooledAsync() == faulty.Length, "only the faulty ones are left");
        Assert.Equal(60L, await receiver.ScalarAsync<long>("SELECT count(*) FROM deliveries WHERE delivery_id = ANY ($1) AND outcome = 'stored'", good.Select(answer => answer.DeliveryId).ToArray()));
        await UntilOthersAreStoredAtOnceAsync(service);
    }

    [Fact]
    public async Task A_spool_that_cannot_be_opened_stops_no_storing()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        Directory.CreateDirectory(Path.Combine(directory, "spool.db")); // a folder where the file should be
        await using var service = await receiver.StartAsync(untilReady: false, ("ConnectionStrings:CallbackReceiver", connectionString), ("Spool:Directory", directory));
        await Eventually.HoldsAsync(async () => (await service.PostAsync("demo", new CallbackBuilder().Build())).Outcome == "stored", "it stores");
        proxy.Cut();
        Assert.Equal(503, (await service.PostAsync("demo", new CallbackBuilder().Build())).Status);
        proxy.Mend();

        await Eventually.HoldsAsync(async () => (await service.PostAsync("demo", new CallbackBuilder().Build())).Outcome == "stored", "it stores again");
        Assert.Contains($"uid {(Environment.IsPrivilegedProcess ? "0" : "")}", service.Log, StringComparison.Ordinal);
    }

    /// <summary>The body and others, to be sent at once, so that they share commits.</summary>
    private static IEnumerable<byte[]> Together(byte[] body) => Enumerable.Range(0, 30).Select(_ => new CallbackBuilder().Build()).Prepend(body);

    private static Task<Answer[]> PostTogetherAsync(ReceiverProcess service, byte[] body) => PostAllAsync(service, Together(body));

    private static Task<Answer[]> PostAllAsync(ReceiverProcess service, IEnumerable<byte[]> bodies) =>
        Task.WhenAll(bodies.Select(body => service.PostAsync("demo", body)));

    /// <summary>Ten in a row: on a machine with much else to do, one may be spooled now and then.</summary>
    private static async Task UntilOthersAreStoredAtOnceAsync(ReceiverProcess service)
    {
        var stored = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                stored = (await service.PostAsync("demo", new CallbackBuilder().Build())).Outcome == "stored" ? stored + 1 : 0;
                return stored == 10;
            },
            "others are stored at once");
    }

    /// <summary>A trigger that meets rows on a condition with a fault, until it is disposed.</summary>
    private async Task<IAsyncDisposable> RefuseAsync(string table, string condition, string fault)
    {
        await receiver.QueryAsync($"""
            CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN IF {condition} THEN {fault}; END IF; RETURN NEW; END $f$;
            """);
        await receiver.QueryAsync($"CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()");
        return new Refusal(receiver, table);
    }

    private Task<ReceiverProcess> StartAsync(string? connectionString = null) =>
        receiver.StartAsync(("ConnectionStrings:CallbackReceiver", connectionString ?? receiver.ConnectionString), ("Spool:Directory", directory));

    private sealed class Refusal(Receiver receiver, string table) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await receiver.QueryAsync($"DROP TRIGGER refuse ON {table}");
    }
}
