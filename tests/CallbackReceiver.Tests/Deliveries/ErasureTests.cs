using System.Text;
using CallbackReceiver.Tests.Infrastructure;
using Npgsql;

namespace CallbackReceiver.Tests.Deliveries;

/// <summary>
/// An erased meeting stays erased: no delivery that was received before its erasure brings it back, wherever it was waiting. An analysis
/// that is received afterwards is a new one.
/// </summary>
[Trait("Category", "Storage")]
public sealed class ErasureTests(Receiver receiver) : IClassFixture<Receiver>, IDisposable
{
    private readonly DirectoryInfo spools = Directory.CreateTempSubdirectory("callback-receiver-erasure-");

    private ReceiverProcess Service => receiver.Service;

    public void Dispose() => spools.Delete(recursive: true);

    [Fact]
    public async Task What_waits_in_the_spool_is_erased_with_the_meeting_and_leaves_no_trace_on_the_disk()
    {
        var meeting = CallbackBuilder.NewMeetingId();
        var body = new CallbackBuilder(meeting) { Summary = "canary" }.Build();
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        Answer spooled;
        await using (var unconnected = await StartAsync(connectionString, "own"))
        {
            proxy.Cut();
            spooled = await unconnected.PostAsync("demo", body);
            Assert.Equal("spooled", spooled.Outcome);
        }

        Assert.True(IsOnDisk("own", "canary"));
        await using var erasing = await ReceiverHost.StartAsync(receiver.ConnectionString, new ReceiverSettings // whose clock never ticks: it drains nothing
        {
            Values = { ["Spool:Directory"] = Path.Combine(spools.FullName, "own"), ["Spool:MaxBytes"] = "1000000" },
        });

        Assert.Equal(204, (await erasing.Client.SendAsync(HttpMethod.Delete, PathOf(meeting))).Status);

        Assert.False(IsOnDisk("own", "canary"));
        await AssertErasedAsync(meeting, spooled.DeliveryId);
        Assert.Equal("duplicate", (await Service.PostAsync("demo", body)).Outcome);
        await AssertErasedAsync(meeting, spooled.DeliveryId);
    }

    [Fact]
    public async Task What_was_in_the_spool_before_its_meeting_is_erased_leaves_no_trace_on_the_disk_either()
    {
        var meeting = CallbackBuilder.NewMeetingId();
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        await using var replica = await StartAsync(connectionString, "own");
        proxy.Cut();
        Assert.Equal("spooled", (await replica.PostAsync("demo", new CallbackBuilder(meeting) { Summary = "canary" }.Build())).Outcome);
        proxy.Mend();
        await replica.UntilSpoolIsEmptyAsync();

        Assert.Equal(204, (await replica.DeleteAsync(PathOf(meeting))).Status);

        Assert.False(IsOnDisk("own", "canary"));
    }

    [Fact]
    public async Task A_delivery_in_the_spool_of_another_replica_brings_nothing_back_and_one_received_afterwards_is_new()
    {
        var meeting = CallbackBuilder.NewMeetingId();
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        await using var replica = await StartAsync(connectionString, "own");
        proxy.Cut();
        var body = new CallbackBuilder(meeting) { Summary = "of the spool" }.Build();
        var spooled = await replica.PostAsync("demo", body);
        Assert.Equal("spooled", spooled.Outcome);
        var stored = await Service.PostAsync("demo", new CallbackBuilder(meeting) { Summary = "of the tables" }.Build());

        Assert.Equal(204, (await Service.DeleteAsync(PathOf(meeting))).Status);
        proxy.Mend();
        await replica.UntilSpoolIsEmptyAsync();

        await AssertErasedAsync(meeting, spooled.DeliveryId);
        await AssertErasedAsync(meeting, stored.DeliveryId);
        Assert.Equal("duplicate", (await Service.PostAsync("demo", body)).Outcome);
        await AssertErasedAsync(meeting, spooled.DeliveryId);
        var later = await Service.PostAsync("demo", new CallbackBuilder(meeting) { Summary = "afterwards" }.Build());
        Assert.Equal(("stored", 1), (later.Outcome, later.Revision));
        Assert.Equal("afterwards", (await Service.GetAsync(PathOf(meeting)))["summary"]);
    }

    [Fact]
    public async Task An_erasure_that_meets_the_spool_being_stored_takes_what_is_stored_with_it()
    {
        var meeting = CallbackBuilder.NewMeetingId();
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.ConnectionString);
        await using var _ = proxy;
        await using var replica = await ReceiverHost.StartAsync(connectionString, new ReceiverSettings
        {
            Time = TimeProvider.System,
            IsPatientWithPostgres = true,
            Values = { ["Spool:Directory"] = Path.Combine(spools.FullName, "own"), ["Spool:MaxBytes"] = "1000000" },
        });
        proxy.Cut();
        var spooled = await replica.Client.PostAsync("demo", new CallbackBuilder(meeting).Build(), Keys.Demo);
        Assert.Equal("spooled", spooled.Outcome);

        Task<Answer> erased;
        await using (await LockAsync($"""
            INSERT INTO meetings (workspace_id, meeting_id, items, metadata, speakers, segments, delivery_ids, revision, first_received_at, received_at)
            VALUES ('demo', '{meeting}', '{"{}"}', '{"{}"}', '{"{}"}', 0, '{"{}"}', 1, now(), now())
            """))
        {
            proxy.Mend();
            await WaitingAsync("%INSERT INTO meetings%", 1); // its ledger row is written, and not committed
            erased = Service.DeleteAsync(PathOf(meeting));
            await WaitingAsync("SELECT pg_advisory_xact_lock(%", 1);
        }

        Assert.Equal(204, (await erased).Status);
        await AssertErasedAsync(meeting, spooled.DeliveryId);
    }

    [Fact]
    public async Task An_analysis_that_is_being_stored_while_its_meeting_is_erased_leaves_no_body_behind()
    {
        var meeting = CallbackBuilder.NewMeetingId();
        await using var host = await ReceiverHost.StartAsync(receiver.ConnectionString);
        var first = await host.Client.PostAsync("demo", new CallbackBuilder(meeting) { Summary = "first" }.Build(), Keys.Demo);

        Task<Answer> second, erased;
        await using (await LockAsync($"SELECT 1 FROM meetings WHERE meeting_id = '{meeting}' FOR UPDATE"))
        {
            second = host.Client.PostAsync("demo", new CallbackBuilder(meeting) { Summary = "second" }.Build(), Keys.Demo);
            await WaitingAsync("%INSERT INTO meetings%", 1);
            erased = Service.DeleteAsync(PathOf(meeting));
            await WaitingAsync("SELECT meeting_id, received_at%", 1);
        }

        Assert.Equal("stored", (await second).Outcome);
        Assert.Equal(204, (await erased).Status);
        await AssertErasedAsync(meeting, first.DeliveryId);
        await AssertErasedAsync(meeting, (await second).DeliveryId);
    }

    [Fact]
    public async Task A_replay_of_what_was_unverified_when_its_meeting_was_erased_brings_nothing_back()
    {
        const string RightKey = "eR3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA";
        var meeting = CallbackBuilder.NewMeetingId();
        Assert.Equal(401, (await Service.PostAsync("demo", new CallbackBuilder(meeting) { Summary = "unverified" }.Build(), RightKey)).Status);
        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM unverified_deliveries") == 1);
        var id = await receiver.ScalarAsync<Guid>("SELECT delivery_id FROM unverified_deliveries");
        await Service.PostAsync("demo", new CallbackBuilder(meeting).Build());
        Assert.Equal(204, (await Service.DeleteAsync(PathOf(meeting))).Status);

        await using var mended = await receiver.StartAsync(("Workspaces:demo:Keys:2", RightKey));
        var answer = await mended.SendAsync(HttpMethod.Post, $"/api/v1/workspaces/demo/deliveries/{id}/replay");

        Assert.Equal((200, "erased", id), (answer.Status, answer.Outcome, answer.DeliveryId));
        await AssertErasedAsync(meeting, id);
        Assert.Equal(0, await receiver.ScalarAsync<long>("SELECT count(*) FROM unverified_deliveries"));
    }

    [Fact]
    public async Task A_meeting_in_another_workspace_is_untouched_and_nothing_at_all_answers_404()
    {
        var meeting = CallbackBuilder.NewMeetingId();
        await Service.PostAsync("other", (new CallbackBuilder(meeting) with { WorkspaceId = "other" }).Build(), Keys.Other);

        Assert.Equal(404, (await Service.DeleteAsync(PathOf(meeting))).Status);

        Assert.Equal(200, (await Service.GetAsync($"/api/v1/workspaces/other/meetings/{meeting}")).Status);
        Assert.Empty(await receiver.QueryAsync("SELECT 1 FROM audit WHERE subject = $1", meeting));
    }

    private static string PathOf(string meeting) => $"/api/v1/workspaces/demo/meetings/{meeting}";

    private async Task AssertErasedAsync(string meeting, Guid deliveryId)
    {
        Assert.Equal(404, (await Service.GetAsync(PathOf(meeting))).Status);
        Assert.Empty(await receiver.QueryAsync("SELECT 1 FROM meetings WHERE meeting_id = $1", meeting));
        var row = Assert.Single(await receiver.QueryAsync("SELECT outcome, body IS NULL AND errors IS NULL FROM deliveries WHERE delivery_id = $1", deliveryId));
        Assert.Equal(("erased", true), ((string)row[0]!, (bool)row[1]!));
        Assert.Equal(["all"], (await receiver.QueryAsync("SELECT actor FROM audit WHERE action = 'erase' AND subject = $1", meeting)).Select(entry => entry[0]));
    }

    private bool IsOnDisk(string spool, string text) => Directory.GetFiles(Path.Combine(spools.FullName, spool)).Any(
        file => Read(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>A transaction of the test's own; disposing it ends it.</summary>
    private async Task<IAsyncDisposable> LockAsync(string sql)
    {
        var connection = await receiver.OpenAsync();
        await using var command = new NpgsqlCommand("BEGIN; " + sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private Task WaitingAsync(string statement, long sessions) => Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1", statement) == sessions, statement);

    private Task<ReceiverProcess> StartAsync(string connectionString, string spool) => receiver.StartAsync(
        ("ConnectionStrings:CallbackReceiver", connectionString), ("Spool:Directory", Path.Combine(spools.FullName, spool)));
}
