using System.Net.Http.Headers;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>What is wrong with one event, one workspace or one listener is in nobody else's way.</summary>
[Trait("Category", "Storage")]
public sealed class EventIsolationTests(PostgresServer server) : IAsyncLifetime
{
    private readonly TestDatabase database = new(server);

    public ValueTask InitializeAsync() => database.InitializeAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_meeting_that_cannot_be_shown_is_told_without_its_content_and_what_follows_is_told()
    {
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        foreach (var meeting in new[] { "before", "broken", "after" })
            await PostAsync(host, new CallbackBuilder(meeting));
        await Eventually.HoldsAsync(async () => await CountAsync("events") == 3, "all is told");
        await database.ExecuteAsync("UPDATE meetings SET revision = 99 WHERE meeting_id = 'broken'"); // it has no such analysis

        for (var again = 0; again < 2; again++)
        {
            await using var listener = await EventListener.StartAsync(host.Address, lastEventId: 0);
            Assert.True((await listener.ReadMeetingAsync()).Meeting.TryGetProperty("summary", out _));
            var (id, broken) = await listener.ReadMeetingAsync();
            Assert.Equal((2, "broken", 1), (id, broken.GetProperty("meeting_id").GetString(), broken.GetProperty("revision").GetInt32()));
            Assert.True(broken.TryGetProperty("note", out _));
            Assert.False(broken.TryGetProperty("summary", out _));
            Assert.Equal("after", (await listener.ReadMeetingAsync()).Meeting.GetProperty("meeting_id").GetString());
        }
    }

    [Fact]
    public async Task Whatever_JSON_a_meeting_has_its_event_and_the_next_are_told()
    {
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        await using var listener = await EventListener.StartAsync(host.Address, lastEventId: 0);
        foreach (var depth in new[] { 50, 58, 59, 60, 61, 62 })
            await PostAsync(host, new CallbackBuilder($"deep-{depth}") { Items = [new("deep", new RawJson(new string('[', depth) + new string(']', depth)))] });
        await PostAsync(host, new CallbackBuilder("lines") { Items = [new("lines", new RawJson("[1,\n\r\n2]"))] });

        foreach (var meeting in new[] { "deep-50", "deep-58", "deep-59", "deep-60", "deep-61", "deep-62", "lines" })
            Assert.Equal(meeting, (await listener.ReadMeetingAsync()).Meeting.GetProperty("meeting_id").GetString());
    }

    [Fact]
    public async Task Events_are_looked_for_in_time_however_often_PostgreSQL_notifies_of_others()
    {
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        await using var listener = await EventListener.StartAsync(host.Address);
        Assert.Equal("heartbeat", (await listener.ReadAsync())!.Value.Type);
        using var stop = new CancellationTokenSource();
        var notifying = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await database.ExecuteAsync("SELECT pg_notify('callback_receiver_events', 'nobody')");
                await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
            }
        }, TestContext.Current.CancellationToken);

        // As though PostgreSQL's notification were lost.
        await database.ExecuteAsync("CREATE FUNCTION silent() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER silent BEFORE INSERT ON changes FOR EACH ROW EXECUTE FUNCTION silent()");
        await PostAsync(host, new CallbackBuilder("unnoticed"));
        await database.ExecuteAsync("""
            INSERT INTO events (workspace_id, event_id, meeting_id, delivery_id, revision) SELECT 'demo', 1, meeting_id, delivery_ids[1], 1 FROM meetings;
            INSERT INTO feeds (workspace_id, last_event_id) VALUES ('demo', 1) ON CONFLICT (workspace_id) DO UPDATE SET last_event_id = 1
            """);

        Assert.Equal("unnoticed", (await listener.ReadMeetingAsync()).Meeting.GetProperty("meeting_id").GetString());
        await stop.CancelAsync();
        await notifying;
    }

    [Fact]
    public async Task Listeners_of_large_meetings_need_bounded_memory_whether_they_read_or_not()
    {
        const int Meetings = 60;
        const long MaxGrowth = 800 * 1024 * 1024; // of what would be gigabytes
        await using var service = await ReceiverProcess.StartAsync(
            new Dictionary<string, string>(Keys.Settings) { ["ConnectionStrings:CallbackReceiver"] = database.ConnectionString, ["Spool:MaxBytes"] = "0" });
        await database.ExecuteAsync($$"""
            CREATE TEMPORARY TABLE call AS SELECT n, gen_random_uuid() AS delivery_id FROM generate_series(1, {{Meetings}}) AS n;
            INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, outcome, meeting_id, key_id, received_at, duplicates)
            SELECT 'demo', delivery_id, sha256(n::text::bytea), 'stored', 'large-' || n, 'key', now(), 0 FROM call;
            INSERT INTO meetings (workspace_id, meeting_id, items, metadata, speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
            SELECT 'demo', 'large-' || n, jsonb_build_object('large', repeat('x', 3600000)), '{}', '{}', 0, '[]', ARRAY[delivery_id], 1, now(), now() FROM call;
            INSERT INTO events (workspace_id, event_id, meeting_id, delivery_id, revision) SELECT 'demo', n, 'large-' || n, delivery_id, 1 FROM call;
            INSERT INTO feeds (workspace_id, last_event_id) VALUES ('demo', {{Meetings}}) ON CONFLICT (workspace_id) DO UPDATE SET last_event_id = {{Meetings}}
            """);
        await using (var first = await EventListener.StartAsync(service.Address))
            await first.ReadAsync();
        var before = service.PeakWorkingSet;

        var silent = new List<HttpResponseMessage>();
        using var http = new HttpClient { BaseAddress = service.Address, Timeout = Eventually.Limit };
        for (var number = 0; number < Meetings; number++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/workspaces/demo/events?last_event_id={number}") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Keys.ApiDemo) } };
            silent.Add(await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
        }

        await using var reading = await EventListener.StartAsync(service.Address, lastEventId: 0);
        for (var id = 1; id <= Meetings; id++)
            Assert.Equal(("meeting", id), (await reading.ReadNewsAsync()) is var told ? (told.Type, told.Id) : default);

        Assert.True(service.PeakWorkingSet - before < MaxGrowth, $"the service has grown from {before} to {service.PeakWorkingSet} bytes");
        silent.ForEach(response => response.Dispose());
    }

    private static async Task PostAsync(ReceiverHost host, CallbackBuilder callback) =>
        Assert.Equal("stored", (await host.Client.PostAsync(Workspaces.Demo, callback.Build(), Keys.Demo)).Outcome);

    private async Task<long> CountAsync(string from)
    {
        await using var command = database.DataSource.CreateCommand($"SELECT count(*) FROM {from}");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
