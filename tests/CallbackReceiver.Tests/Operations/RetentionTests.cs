using CallbackReceiver.Operations.Retention;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace CallbackReceiver.Tests.Operations;

/// <summary>What becomes too old, on a clock that the test moves.</summary>
[Trait("Category", "Storage")]
public sealed class RetentionTests(PostgresServer server) : IAsyncLifetime
{
    private const string Demo = "/api/v1/workspaces/demo";

    /// <summary>As a replica does that is removing.</summary>
    private const string LockOutRetention = "SELECT pg_advisory_lock(x'6F6C642064617461'::bigint)";

    private readonly TestDatabase database = new(server);
    private readonly MovableTime time = new();

    public ValueTask InitializeAsync() => database.InitializeAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task An_old_body_is_cleared_and_its_digest_its_times_and_the_current_analysis_stay()
    {
        await using var host = await StartAsync(("Retention:RawBodies", "30.00:00:00"));
        var first = new CallbackBuilder("kept") { Title = "first" }.Build();
        var second = new CallbackBuilder("kept") { Title = "second" }.Build();
        var unfit = new CallbackBuilder("unfit") { CustomerSatisfactionRating = "Z" }.Build();
        var ignored = new CallbackBuilder("ignored") { EventName = "another" }.Build();
        foreach (var body in new[] { first, second, unfit, ignored })
            await PostAsync(host, body);
        await Task.WhenAll(Enumerable.Range(0, 450).Select(_ => PostAsync(host, new CallbackBuilder().Build()))); // more than two batches
        var before = await database.DeliveriesAsync();
        var meeting = await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/meetings/kept");

        time.Advance(TimeSpan.FromDays(31));
        var newer = new CallbackBuilder("newer").Build();
        await PostAsync(host, newer);
        await Eventually.HoldsAsync(async () => (await database.DeliveriesAsync()).Count(row => row.Body is not null) == 1);

        Assert.NotNull((await database.DeliveryOfAsync(newer))!.Body);
        var after = (await database.DeliveriesAsync()).Where(row => row.Body is null).ToList();
        Assert.Equal(
            before.Select(row => (row.DeliveryId, Convert.ToHexString(row.BodySha256), row.ReceivedAt, row.Outcome, row.MeetingId, row.Errors?.GetRawText())),
            after.Select(row => (row.DeliveryId, Convert.ToHexString(row.BodySha256), row.ReceivedAt, row.Outcome, row.MeetingId, row.Errors?.GetRawText())));
        foreach (var body in new[] { first, second, unfit, ignored })
            Assert.Equal("duplicate", (await PostAsync(host, body)).Outcome);

        Assert.Equal(meeting.Body, (await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/meetings/kept")).Body);
        Assert.Equal(meeting.Body, (await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/meetings/kept/revisions/2")).Body);
        Assert.Equal(404, (await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/meetings/kept/revisions/1")).Status);
        var revisions = (await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/meetings/kept/revisions")).Json.GetProperty("items").EnumerateArray();
        Assert.Equal([(false, false), (true, true)], revisions.Select(revision => (revision.GetProperty("current").GetBoolean(), revision.GetProperty("available").GetBoolean())));
        var delivery = $"{Demo}/deliveries/{(await database.DeliveryOfAsync(first))!.DeliveryId}";
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await host.Client.SendAsync(HttpMethod.Get, delivery)).Json.GetProperty("bytes").ValueKind);
        Assert.Equal(404, (await host.Client.SendAsync(HttpMethod.Get, delivery + "/body")).Status);
        Assert.Equal(404, (await host.Client.SendAsync(HttpMethod.Post, delivery + "/replay")).Status);
    }

    [Fact]
    public async Task What_is_read_of_a_meeting_stays_the_same_when_the_body_that_brought_it_is_cleared()
    {
        await using var host = await StartAsync(("Retention:RawBodies", "30.00:00:00"));
        var large = CallbackBuilder.Segment(new string('x', 3_000_000), "speaker");
        byte[][] bodies =
        [
            new CallbackBuilder("string") { PayloadAsString = true, Transcript = new object[] { CallbackBuilder.Segment("客戶需要\u0000", "客服") } }.Build(),
            new CallbackBuilder("silent") { Transcript = null }.Build(),
            new CallbackBuilder("again") { Title = "first" }.Build(),
            new CallbackBuilder("again") { Title = "second", Transcript = new object[] { CallbackBuilder.Segment("again", "agent") } }.Build(),
            .. Enumerable.Range(0, 4).Select(number => new CallbackBuilder($"large-{number}") { Transcript = new object[] { large } }.Build()), // more than a batch
            new CallbackBuilder("unreadable").Build(),
        ];
        foreach (var body in bodies)
            await PostAsync(host, body);
        await database.ExecuteAsync("UPDATE deliveries SET body = '{}' WHERE meeting_id = 'unreadable'");
        string[] paths = ["meetings/string", "meetings/string/transcript", "meetings/silent", "meetings/again", "meetings/again/revisions/2", "meetings/large-3/transcript", "export?include=transcript"];
        var before = await ReadAllAsync();
        Assert.Contains("客戶需要\uFFFD", System.Text.RegularExpressions.Regex.Unescape(before[1]), StringComparison.Ordinal);
        Assert.InRange(before[5].Length, 3_000_000, int.MaxValue);

        time.Advance(TimeSpan.FromDays(31));
        await Eventually.HoldsAsync(async () => (await database.DeliveriesAsync()).Count(row => row.Body is not null) == 1);

        Assert.Equal("unreadable", (await database.DeliveriesAsync()).Single(row => row.Body is not null).MeetingId);
        Assert.Equal(before, await ReadAllAsync());

        async Task<string[]> ReadAllAsync() =>
            await Task.WhenAll(paths.Select(ReadAsync));

        async Task<string> ReadAsync(string path)
        {
            var answer = await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/{path}");
            Assert.Equal(200, answer.Status);
            return answer.Body;
        }
    }

    [Fact]
    public async Task An_old_meeting_is_erased_and_one_that_was_analysed_again_or_whose_workspace_keeps_it_stays()
    {
        await using var host = await StartAsync(("Retention:Meetings", "90.00:00:00"), ("Workspaces:other:Retention:Meetings", "never"));
        var old = new CallbackBuilder("old").Build();
        var unfit = new CallbackBuilder("unfit") { Summary = 5 }.Build();
        var first = new CallbackBuilder("renewed") { Title = "first" }.Build();
        var elsewhere = new CallbackBuilder("old") { WorkspaceId = "other" }.Build();
        foreach (var body in new[] { old, unfit, first })
            await PostAsync(host, body);
        await host.Client.PostAsync("other", elsewhere, Keys.Other);

        time.Advance(TimeSpan.FromDays(91));
        await PostAsync(host, new CallbackBuilder("renewed") { Title = "second" }.Build());
        await Eventually.HoldsAsync(async () => await database.MeetingAsync("old") is null && (await database.DeliveryOfAsync(unfit))!.Body is null);

        var row = (await database.DeliveryOfAsync(old))!;
        Assert.Equal(("erased", null, "old"), (row.Outcome, row.Body, row.MeetingId));
        Assert.Equal("duplicate", (await PostAsync(host, old)).Outcome);
        Assert.Null(await database.MeetingAsync("old"));
        Assert.Equal([("retention", "erase", "old")], await AuditAsync());
        Assert.Equal(2, (await database.MeetingAsync("renewed"))!.DeliveryIds.Length);
        Assert.NotNull((await database.DeliveryOfAsync(first))!.Body);
        Assert.Equal("quarantined", (await database.DeliveryOfAsync(unfit))!.Outcome);
        Assert.NotNull(await database.MeetingAsync("old", "other"));
        Assert.NotNull((await database.DeliveryOfAsync(elsewhere, "other"))!.Body);
    }

    [Fact]
    public async Task Without_configuration_only_what_failed_verification_goes_by_its_age()
    {
        await using var host = await StartAsync();
        var body = new CallbackBuilder("kept").Build();
        await PostAsync(host, body);
        await ReadBodyAsync(host, body);
        Assert.Equal(401, (await host.Client.PostAsync("demo", new CallbackBuilder().Build(), Keys.Other)).Status);
        await Eventually.HoldsAsync(async () => await CountAsync("unverified_deliveries") == 1, "it is kept as unverified");

        time.Advance(TimeSpan.FromDays(3650));
        await Eventually.HoldsAsync(async () => await CountAsync("unverified_deliveries") == 0);

        Assert.NotNull(await database.MeetingAsync("kept"));
        Assert.NotNull((await database.DeliveryOfAsync(body))!.Body);
        Assert.Equal([("all", "read_body", (await database.DeliveryOfAsync(body))!.DeliveryId.ToString())], await AuditAsync());
    }

    [Fact]
    public async Task Audit_rows_age_but_for_erasures_which_keep_the_erased_erased()
    {
        await using var host = await StartAsync(("Retention:Audit", "365.00:00:00"));
        var body = new CallbackBuilder("read").Build();
        await PostAsync(host, body);
        await PostAsync(host, new CallbackBuilder("erased").Build());
        await ReadBodyAsync(host, body);
        Assert.Equal(204, (await host.Client.SendAsync(HttpMethod.Delete, $"{Demo}/meetings/erased")).Status);
        Assert.Equal(2, (await AuditAsync()).Count);

        time.Advance(TimeSpan.FromDays(366));
        await Eventually.HoldsAsync(async () => (await AuditAsync()).Count == 1);

        Assert.Equal([("all", "erase", "erased")], await AuditAsync());
    }

    [Fact]
    public async Task One_replica_at_a_time_removes()
    {
        await using var host = await StartAsync(("Retention:Meetings", "1.00:00:00"));
        await PostAsync(host, new CallbackBuilder("old").Build());
        await using (var other = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await ExecuteAsync(other, LockOutRetention);
            time.Advance(TimeSpan.FromDays(2));
            const string RolledBack = "generate_series(1, (SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()))";
            var before = await CountAsync(RolledBack);
            await Eventually.HoldsAsync(async () => await CountAsync(RolledBack) > before, "it has tried to take the lock in vain");
            Assert.NotNull(await database.MeetingAsync("old"));
            await ExecuteAsync(other, "SELECT pg_advisory_unlock_all()");
        }

        await Eventually.HoldsAsync(async () => await database.MeetingAsync("old") is null);
    }

    [Fact]
    public async Task A_meeting_that_is_being_analysed_again_while_it_is_removed_by_age_stays_whole()
    {
        await using var host = await StartAsync(("Retention:Meetings", "1.00:00:00"));
        var first = new CallbackBuilder("renewed") { Title = "first" }.Build();
        var second = new CallbackBuilder("renewed") { Title = "second" }.Build();
        await PostAsync(host, first);
        await PostAsync(host, new CallbackBuilder("old").Build());

        Task<Answer> renewing;
        await using (var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await ExecuteAsync(connection, LockOutRetention);
            time.Advance(TimeSpan.FromDays(2));
            await ExecuteAsync(connection, "BEGIN; SELECT 1 FROM meetings WHERE meeting_id = 'renewed' FOR UPDATE");
            renewing = host.Client.PostAsync("demo", second, Keys.Demo);
            await Eventually.HoldsAsync(async () => await CountWaitingAsync("%INSERT INTO meetings%") == 1, "the analysis waits for its meeting");
            await ExecuteAsync(connection, "SELECT pg_advisory_unlock_all()");
            await Eventually.HoldsAsync(async () => await CountWaitingAsync("SELECT meeting_id, received_at%") == 1);
        }

        Assert.Equal("stored", (await renewing).Outcome);
        await Eventually.HoldsAsync(async () => await database.MeetingAsync("old") is null);
        Assert.Equal(("second", 2), ((await database.MeetingAsync("renewed"))!.Title, (await database.MeetingAsync("renewed"))!.DeliveryIds.Length));
        Assert.NotNull((await database.DeliveryOfAsync(first))!.Body);
        Assert.NotNull((await database.DeliveryOfAsync(second))!.Body);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_removes_nothing_until_it_is_right_again()
    {
        await using var host = await StartAsync(("Retention:Meetings", "30.00:00:00"), ("Retention:RawBodies", "1.00:00:00"), ("Retention:Audit", "1.00:00:00"));
        var body = new CallbackBuilder("kept").Build();
        await PostAsync(host, body);
        await ReadBodyAsync(host, body);

        time.Jump(TimeSpan.FromDays(3650));
        await Eventually.HoldsAsync(() => Task.FromResult(host.Logs.Lines.Any(line => line.Contains("Nothing is removed by age", StringComparison.Ordinal))), "the log says so");
        Assert.NotNull((await database.DeliveryOfAsync(body))!.Body);
        Assert.NotNull(await database.MeetingAsync("kept"));
        Assert.Single(await AuditAsync());

        time.Jump(TimeSpan.FromDays(-3650));
        time.Advance(TimeSpan.FromDays(2));
        await Eventually.HoldsAsync(async () => (await database.DeliveryOfAsync(body))!.Body is null && (await AuditAsync()).Count == 0);
        Assert.NotNull(await database.MeetingAsync("kept"));
    }

    [Fact]
    public async Task A_removal_by_age_takes_along_what_is_as_old_and_waits_elsewhere_and_nothing_younger()
    {
        var spool = Directory.CreateTempSubdirectory("callback-receiver-retention-");
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using (proxy)
        {
            await using var host = await StartAsync(("Retention:Meetings", "30.00:00:00"));
            await using var away = await ReceiverHost.StartAsync(connectionString, new ReceiverSettings
            {
                Time = time,
                Values = { ["Spool:Directory"] = spool.FullName, ["Spool:MaxBytes"] = "1000000" },
            });
            var (old, oldAway) = (new CallbackBuilder("renewed") { Title = "old" }.Build(), new CallbackBuilder("renewed") { Title = "as old" }.Build());
            var young = new CallbackBuilder("renewed") { Title = "young" }.Build();
            await PostAsync(host, old);
            proxy.Cut();
            Assert.Equal("spooled", (await PostAsync(away, oldAway)).Outcome);
            await using (var other = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken))
            {
                await ExecuteAsync(other, LockOutRetention);
                time.Advance(TimeSpan.FromDays(31));
                Assert.Equal("spooled", (await PostAsync(away, young)).Outcome);
                await ExecuteAsync(other, "SELECT pg_advisory_unlock_all()");
            }

            await Eventually.HoldsAsync(async () => await database.MeetingAsync("renewed") is null);
            var done = time.RightTime;
            proxy.Mend();
            await Eventually.HoldsAsync(async () => await database.DeliveryOfAsync(young) is not null && await database.DeliveryOfAsync(oldAway) is not null);

            Assert.Equal(("young", 1), ((await database.MeetingAsync("renewed"))!.Title, (await database.MeetingAsync("renewed"))!.DeliveryIds.Length));
            Assert.NotNull((await database.DeliveryOfAsync(young))!.Body);
            Assert.Equal(("erased", null), ((await database.DeliveryOfAsync(oldAway))!.Outcome, (await database.DeliveryOfAsync(oldAway))!.Body));
            await using var audit = database.DataSource.CreateCommand("SELECT at FROM audit WHERE actor = 'retention'");
            Assert.InRange((DateTime)(await audit.ExecuteScalarAsync(TestContext.Current.CancellationToken))!, done.UtcDateTime.AddMinutes(-5), done.UtcDateTime.AddMinutes(1)); // when it was done
        }

        spool.Delete(recursive: true);
    }

    [Theory]
    [InlineData("Retention:RawBodies", "a month")]
    [InlineData("Retention:Meetings", "-1.00:00:00")]
    [InlineData("Retention:Audit", "00:00")]
    [InlineData("Retention:Interval", "2.00:00:00")]
    [InlineData("Workspaces:demo:Retention:RawBodies", "30 days")]
    public void A_wrong_time_span_is_refused_by_name(string key, string value)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read((key, value)));
        Assert.StartsWith(key + ":", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain($"'{value}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_workspace_may_keep_for_longer_for_shorter_or_for_ever()
    {
        var periods = Read(
            ("Retention:RawBodies", "30"), ("Retention:Meetings", "365.00:00:00"),
            ("Workspaces:short:Retention:Meetings", "1.12:00:00"), ("Workspaces:ever:Retention:RawBodies", "Never"));

        Assert.Equal(new RetentionPeriod(TimeSpan.FromDays(30), TimeSpan.FromDays(365), null), periods.Of("any"));
        Assert.Equal(new RetentionPeriod(TimeSpan.FromDays(30), TimeSpan.FromHours(36), null), periods.Of("short"));
        Assert.Equal(new RetentionPeriod(null, TimeSpan.FromDays(365), null), periods.Of("ever"));
    }

    private static RetentionPeriods Read(params (string Key, string Value)[] settings) => RetentionPeriods.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build());

    private Task<ReceiverHost> StartAsync(params (string Key, string Value)[] settings) => ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings
    {
        Time = time,
        Values = settings.Append(("Retention:Interval", "00:00:00.05")).ToDictionary(setting => setting.Item1, setting => (string?)setting.Item2),
    });

    private static async Task<Answer> PostAsync(ReceiverHost host, byte[] body)
    {
        var answer = await host.Client.PostAsync("demo", body, Keys.Demo);
        Assert.True(answer.Status < 300, answer.ToString());
        return answer;
    }

    private async Task ReadBodyAsync(ReceiverHost host, byte[] body) => Assert.Equal(
        200, (await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/deliveries/{(await database.DeliveryOfAsync(body))!.DeliveryId}/body")).Status);

    private async Task<List<(string Actor, string Action, string Subject)>> AuditAsync()
    {
        await using var command = database.DataSource.CreateCommand("SELECT actor, action, subject FROM audit ORDER BY audit_id");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<(string, string, string)>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        return rows;
    }

    private async Task<long> CountAsync(string from)
    {
        await using var command = database.DataSource.CreateCommand($"SELECT count(*) FROM {from}");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private Task<long> CountWaitingAsync(string statement) =>
        CountAsync($"pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '{statement}'");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
