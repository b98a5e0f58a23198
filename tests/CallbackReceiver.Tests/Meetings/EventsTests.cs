using System.Collections.Concurrent;
using System.Diagnostics;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Each analysis is told once, in order, on every replica, to whoever listens and to whoever comes back.</summary>
[Trait("Category", "Storage")]
public sealed class EventsTests(PostgresServer server) : IAsyncLifetime
{
    private const string Demo = "/api/v1/workspaces/demo";

    private readonly TestDatabase database = new(server);

    public ValueTask InitializeAsync() => database.InitializeAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_commit_is_told_with_the_meeting_as_the_list_has_it()
    {
        await using var host = await StartAsync();
        await using var listener = await ListenAsync(host);
        Assert.Contains(listener.HeaderLines, line => line.StartsWith("Cache-Control: ", StringComparison.Ordinal) && line.Contains("no-store", StringComparison.Ordinal));
        Assert.Contains("X-Accel-Buffering: no", listener.HeaderLines);

        var deliveryId = await PostAsync(host, "first");
        var (id, meeting) = await listener.ReadMeetingAsync();

        Assert.Equal((1, deliveryId), (id, meeting.GetProperty("delivery_id").GetGuid()));
        var listed = (await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/meetings")).Json.GetProperty("items")[0];
        Assert.Equal(listed.GetRawText(), meeting.GetRawText());
    }

    [Fact]
    public async Task What_is_no_new_analysis_is_not_told_nor_is_another_workspace()
    {
        await using var host = await StartAsync();
        var body = new CallbackBuilder("before").Build();
        await host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        await UntilToldAsync(1);
        await using var listener = await ListenAsync(host);

        Assert.Equal("duplicate", (await host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo)).Outcome);
        Assert.Equal("quarantined", (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder { CustomerSatisfactionRating = "Z" }.Build(), Keys.Demo)).Outcome);
        Assert.Equal("stored", (await host.Client.PostAsync(Workspaces.Other, new CallbackBuilder { WorkspaceId = Workspaces.Other }.Build(), Keys.Other)).Outcome);
        var again = await PostAsync(host, "before");

        Assert.Equal((2, again), await ReadDeliveryAsync(listener));
    }

    [Fact]
    public async Task A_commit_on_one_replica_is_told_on_the_other()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        await using var listener = await ListenAsync(two);

        var first = await PostAsync(one, "of-one");
        Assert.Equal((1, first), await ReadDeliveryAsync(listener));
        var second = await PostAsync(two, "of-two");
        Assert.Equal((2, second), await ReadDeliveryAsync(listener));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_comes_back_hears_what_happened_meanwhile_across_a_restart_as_well(bool withHeader)
    {
        var deliveries = new List<Guid>();
        await using (var host = await StartAsync())
        {
            await using var listener = await ListenAsync(host);
            for (var number = 0; number < 3; number++)
            {
                deliveries.Add(await PostAsync(host, $"before-{number}"));
                await UntilToldAsync(number + 1);
            }

            Assert.Equal((1, deliveries[0]), await ReadDeliveryAsync(listener));
        }

        await using var next = await StartAsync();
        for (var number = 0; number < 250; number++) // more than the backlog is read by at once
            deliveries.Add(await PostAsync(next, $"after-{number}"));
        await using var back = withHeader
            ? await EventListener.StartAsync(next.Address, lastEventId: 1, "?last_event_id=200")
            : await EventListener.StartAsync(next.Address, query: "?last_event_id=1");

        var heard = new List<(long Id, Guid Delivery)>();
        while (heard.Count < deliveries.Count - 1)
            heard.Add(await ReadDeliveryAsync(back));
        Assert.Equal(Enumerable.Range(2, heard.Count).Select(id => (long)id), heard.Select(happened => happened.Id));
        Assert.Equal(deliveries.Skip(1).Order(), heard.Select(happened => happened.Delivery).Order());
    }

    [Fact]
    public async Task Who_comes_and_goes_between_two_replicas_that_store_hears_each_delivery_once_in_order()
    {
        const int Commits = 600;
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        ReceiverHost[] hosts = [one, two];
        var sent = new ConcurrentBag<Guid>();
        var heard = new List<(long Id, Guid Delivery)>();
        var sending = Parallel.ForAsync(0, Commits, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) => sent.Add(await PostAsync(hosts[number % 2], $"meeting-{number}")));

        for (var visit = 0; heard.Count < Commits; visit++)
        {
            await using var listener = await EventListener.StartAsync(hosts[visit % 2].Address, lastEventId: heard.Count == 0 ? 0 : heard[^1].Id);
            for (var count = 0; count < 40 && heard.Count < Commits; count++)
                heard.Add(await ReadDeliveryAsync(listener));
        }

        await sending;
        Assert.Equal(sent.Order(), heard.Select(happened => happened.Delivery).Order());
        Assert.Equal(heard.Select(happened => happened.Id).Distinct().Order(), heard.Select(happened => happened.Id));
    }

    [Fact]
    public async Task Many_who_stay_hear_all_that_two_replicas_store()
    {
        const int Commits = 300;
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        ReceiverHost[] hosts = [one, two];
        var listeners = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => ListenAsync(hosts[number % 2])));

        var sent = new ConcurrentBag<Guid>();
        await Parallel.ForAsync(0, Commits, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) => sent.Add(await PostAsync(hosts[number % 2], $"meeting-{number}")));

        foreach (var listener in listeners)
        {
            var heard = new List<(long Id, Guid Delivery)>();
            while (heard.Count < Commits)
                heard.Add(await ReadDeliveryAsync(listener));
            Assert.Equal(sent.Order(), heard.Select(happened => happened.Delivery).Order());
            Assert.Equal(heard.Select(happened => happened.Id).Distinct().Order(), heard.Select(happened => happened.Id));
            await listener.DisposeAsync();
        }
    }

    [Fact]
    public async Task Silence_is_filled_with_heartbeats_that_carry_the_place_and_a_stream_ends_after_a_quarter_of_an_hour()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await StartAsync(time);
        await PostAsync(host, "told");
        await UntilToldAsync(1);
        await using var listener = await EventListener.StartAsync(host.Address);
        Assert.Equal(("heartbeat", 1, "{}"), await listener.ReadAsync());

        var started = time.GetTimestamp();
        var heartbeats = 0;
        for (var next = listener.ReadAsync(); ; next = listener.ReadAsync())
        {
            while (!next.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(5));
                await Task.WhenAny(next, Task.Delay(20, TestContext.Current.CancellationToken));
            }

            if (await next is not { } happened)
                break;
            Assert.Equal(("heartbeat", 1, "{}"), happened);
            heartbeats++;
        }

        Assert.True(time.GetElapsedTime(started) >= TimeSpan.FromMinutes(15));
        Assert.InRange(heartbeats, 1, 15 * 60 / 15);
    }

    [Fact]
    public async Task Who_was_away_for_longer_than_events_are_kept_is_told_to_start_anew()
    {
        await using var host = await StartAsync();
        for (var number = 0; number < 5; number++)
            await PostAsync(host, $"meeting-{number}");
        await UntilToldAsync(5);
        await database.ExecuteAsync("UPDATE events SET at = now() - interval '8 days' WHERE event_id <= 3");
        await Eventually.HoldsAsync(async () => await CountAsync("feeds WHERE trimmed_event_id = 3") == 1, "old events are trimmed");
        Assert.Equal(2, await CountAsync("events"));

        await using var late = await EventListener.StartAsync(host.Address, lastEventId: 2);
        Assert.Equal(("reset", 3, "{}"), await late.ReadAsync());
        Assert.Equal(4, (await late.ReadMeetingAsync()).Id);
        Assert.Equal(5, (await late.ReadMeetingAsync()).Id);

        await using var inTime = await EventListener.StartAsync(host.Address, lastEventId: 3);
        Assert.Equal(4, (await inTime.ReadMeetingAsync()).Id);
    }

    [Fact]
    public async Task An_id_of_another_life_starts_anew_and_hears_what_comes()
    {
        await using var host = await StartAsync();
        await PostAsync(host, "before");
        await UntilToldAsync(1);

        await using var listener = await EventListener.StartAsync(host.Address, lastEventId: 999_999);
        Assert.Equal(("reset", 1, "{}"), await listener.ReadAsync());
        Assert.Equal("heartbeat", (await listener.ReadAsync())!.Value.Type);

        var after = await PostAsync(host, "after");
        Assert.Equal((2, after), await ReadDeliveryAsync(listener));
    }

    [Fact]
    public async Task A_wrong_id_answers_400_and_a_hidden_workspace_404()
    {
        await using var host = await StartAsync();
        foreach (var id in new List<string> { "abc", "-1", "1.5", "", "99999999999999999999", "%00", "1&last_event_id=2", "+1" })
        {
            var answer = await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/events?last_event_id={id}");
            Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
            Assert.Equal("last_event_id", Assert.Single(answer.Json.GetProperty("errors").EnumerateArray()).GetProperty("parameter").GetString());
        }

        foreach (var ids in new List<string> { "abc", "-1", "1 2" })
        {
            using var http = new HttpClient { BaseAddress = host.Address };
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{Demo}/events") { Headers = { Authorization = new("Bearer", Keys.ApiDemo) } };
            foreach (var id in ids.Split(' '))
                request.Headers.TryAddWithoutValidation("Last-Event-ID", id);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal(400, (int)answer.StatusCode);
            Assert.Contains("\"Last-Event-ID\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(404, (await host.Client.SendAsync(HttpMethod.Get, "/api/v1/workspaces/other/events", Keys.ApiDemo)).Status);
        Assert.Equal(404, (await host.Client.SendAsync(HttpMethod.Get, "/api/v1/workspaces/nowhere/events")).Status);
        Assert.Equal(401, (await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/events", "no-key")).Status);
    }

    [Fact]
    public async Task Events_come_on_when_the_connection_that_PostgreSQL_notifies_is_lost()
    {
        const string Listening = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        await using var host = await StartAsync();
        await using var listener = await ListenAsync(host);
        await Eventually.HoldsAsync(async () => await ScalarAsync($"SELECT count(*) {Listening}") == 1, "the service listens");
        var lost = await ScalarAsync($"SELECT pid::bigint {Listening}");
        await database.ExecuteAsync($"SELECT pg_terminate_backend({lost})");

        var meanwhile = await PostAsync(host, "meanwhile");
        Assert.Equal((1, meanwhile), await ReadDeliveryAsync(listener));

        await Eventually.HoldsAsync(async () => await ScalarAsync($"SELECT count(*) {Listening} AND pid <> {lost}") == 1, "the service listens again");
        var after = await PostAsync(host, "after");
        Assert.Equal((2, after), await ReadDeliveryAsync(listener));
    }

    [Fact]
    public async Task What_is_erased_is_told_no_more()
    {
        await using var host = await StartAsync();
        await PostAsync(host, "erased");
        var kept = await PostAsync(host, "kept");
        await PostAsync(host, "erased");
        await UntilToldAsync(3);
        Assert.Equal(204, (await host.Client.SendAsync(HttpMethod.Delete, $"{Demo}/meetings/erased")).Status);

        await using var listener = await EventListener.StartAsync(host.Address, lastEventId: 0);
        Assert.Equal((2, kept), await ReadDeliveryAsync(listener));
        var after = await PostAsync(host, "after");
        Assert.Equal((4, after), await ReadDeliveryAsync(listener));
    }

    [Fact]
    public async Task SIGTERM_ends_every_stream_in_order_and_the_process_with_0()
    {
        await using var process = await StartProcessAsync();
        var listeners = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => EventListener.StartAsync(process.Address)));
        foreach (var listener in listeners)
            Assert.Equal("heartbeat", (await listener.ReadAsync())!.Value.Type);

        process.Terminate();

        foreach (var listener in listeners)
            Assert.Null(await listener.ReadAsync());
        Assert.Equal(0, await process.WaitForExitAsync());
        Assert.DoesNotContain(" WRN]", process.Log, StringComparison.Ordinal); // such as that the time to stop was up
        Assert.DoesNotContain(" ERR]", process.Log, StringComparison.Ordinal);
        foreach (var listener in listeners)
            await listener.DisposeAsync();
    }

    [Fact]
    public async Task A_thousand_idle_listeners_need_little_memory()
    {
        const int Listeners = 1000;
        const long MaxGrowth = 100 * 1024 * 1024;
        await using var service = await StartProcessAsync();
        await using (var first = await EventListener.StartAsync(service.Address))
            await first.ReadAsync();
        using var process = Process.GetProcessById(service.Id);
        var before = process.WorkingSet64;

        var listeners = new ConcurrentBag<EventListener>();
        await Parallel.ForAsync(0, Listeners, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
        {
            var listener = await EventListener.StartAsync(service.Address);
            listeners.Add(listener);
            Assert.Equal("heartbeat", (await listener.ReadAsync())!.Value.Type);
        });
        process.Refresh();
        var with = process.WorkingSet64;
        TestContext.Current.SendDiagnosticMessage($"{Listeners} idle listeners: {(with - before) / 1024} KiB more");

        Assert.True(with - before < MaxGrowth, $"the service has grown from {before} to {with} bytes");
        var answer = await service.PostAsync(Workspaces.Demo, new CallbackBuilder("for-all").Build());
        foreach (var listener in listeners)
        {
            Assert.Equal((1, answer.DeliveryId), await ReadDeliveryAsync(listener));
            await listener.DisposeAsync();
        }
    }

    private Task<ReceiverHost> StartAsync(TimeProvider? time = null) =>
        ReceiverHost.StartAsync(database.ConnectionString, time is null ? null : new ReceiverSettings { Time = time });

    private Task<ReceiverProcess> StartProcessAsync() => ReceiverProcess.StartAsync(
        new Dictionary<string, string>(Keys.Settings) { ["ConnectionStrings:CallbackReceiver"] = database.ConnectionString, ["Spool:MaxBytes"] = "0", ["Limits:Connections"] = "8000" }); // one network has a quarter of them

    /// <summary>Listens from now on: the first heartbeat says that the place is taken.</summary>
    private static async Task<EventListener> ListenAsync(ReceiverHost host)
    {
        var listener = await EventListener.StartAsync(host.Address);
        Assert.Equal("heartbeat", (await listener.ReadAsync())!.Value.Type);
        return listener;
    }

    private static async Task<Guid> PostAsync(ReceiverHost host, string meetingId)
    {
        var answer = await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder(meetingId) { Summary = CallbackBuilder.NewMeetingId() }.Build(), Keys.Demo);
        Assert.True(answer.Outcome == "stored", answer.ToString());
        return answer.DeliveryId;
    }

    private static async Task<(long Id, Guid DeliveryId)> ReadDeliveryAsync(EventListener listener)
    {
        var (id, meeting) = await listener.ReadMeetingAsync();
        return (id, meeting.GetProperty("delivery_id").GetGuid());
    }

    private Task UntilToldAsync(long events) => Eventually.HoldsAsync(async () => await CountAsync("events") == events, "all is told");

    private Task<long> CountAsync(string from) => ScalarAsync($"SELECT count(*) FROM {from}");

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
