using System.Net.Http.Headers;
using System.Text;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Events are read when they are told: nothing of a meeting is told once its removal is committed, whoever listens.</summary>
[Trait("Category", "Storage")]
public sealed class EventErasureTests(PostgresServer server) : IAsyncLifetime
{
    private const string Demo = "/api/v1/workspaces/demo";

    private readonly TestDatabase database = new(server);

    public ValueTask InitializeAsync() => database.InitializeAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task An_erased_meeting_is_told_to_nobody_new_on_any_replica_while_others_listen()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        await using var onOne = await ListenAsync(one);
        await using var onTwo = await ListenAsync(two);
        await PostAsync(one, "erased");
        await PostAsync(one, "kept");
        foreach (var listener in new[] { onOne, onTwo })
            Assert.Equal(["erased", "kept"], [await ReadIdAsync(listener), await ReadIdAsync(listener)]);

        Assert.Equal(204, (await one.Client.SendAsync(HttpMethod.Delete, $"{Demo}/meetings/erased")).Status);

        foreach (var host in new[] { one, two })
        {
            await using var late = await EventListener.StartAsync(host.Address, lastEventId: 0);
            Assert.Equal("kept", await ReadIdAsync(late));
        }

        await PostAsync(two, "after");
        Assert.Equal(["after", "after"], [await ReadIdAsync(onOne), await ReadIdAsync(onTwo)]);
    }

    [Fact]
    public async Task A_meeting_removed_by_age_is_told_to_nobody_new_while_others_listen()
    {
        var time = new MovableTime();
        await using var host = await StartAsync(time, ("Retention:Meetings", "30.00:00:00"), ("Retention:Interval", "00:00:00.05"));
        await using var listener = await ListenAsync(host);
        await PostAsync(host, "old");
        Assert.Equal("old", await ReadIdAsync(listener));

        time.Advance(TimeSpan.FromDays(31));
        await using var staying = await ListenAsync(host); // the first one's quarter of an hour is over
        await Eventually.HoldsAsync(async () => await database.MeetingAsync("old") is null);
        await PostAsync(host, "new");

        await using var late = await EventListener.StartAsync(host.Address, lastEventId: 0);
        Assert.Equal("new", await ReadIdAsync(late));
        Assert.Equal("new", await ReadIdAsync(staying));
    }

    [Fact]
    public async Task A_listener_that_is_behind_is_told_nothing_that_is_erased_before_it_reads_on()
    {
        const int Meetings = 40; // far more than lies in the buffers of a connection
        await using var host = await StartAsync();
        for (var number = 0; number < Meetings; number++)
            await PostAsync(host, $"long-{number}", summary: new string('x', 1024 * 1024) + $" secret-{number}.");
        await Eventually.HoldsAsync(async () => (await host.Client.SendAsync(HttpMethod.Get, $"{Demo}/statistics"))["meetings"] == $"{Meetings}", "all is projected");

        using var http = new HttpClient { BaseAddress = host.Address, Timeout = Eventually.Limit };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Demo}/events?last_event_id=0") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Keys.ApiDemo) } };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), Encoding.UTF8);
        Assert.Equal("event: heartbeat", await stream.ReadLineAsync(TestContext.Current.CancellationToken));
        for (var number = 0; number < Meetings; number++)
            Assert.Equal(204, (await host.Client.SendAsync(HttpMethod.Delete, $"{Demo}/meetings/long-{number}")).Status);
        await PostAsync(host, "last");

        var heard = new StringBuilder();
        while (await stream.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("\"last\"", StringComparison.Ordinal))
            heard.AppendLine(line[Math.Max(0, line.Length - 1000)..]);
        Assert.DoesNotContain($"\"long-{Meetings - 1}\"", heard.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain($"secret-{Meetings - 1}.", heard.ToString(), StringComparison.Ordinal);
    }

    private Task<ReceiverHost> StartAsync(MovableTime? time = null, params (string Key, string Value)[] settings) => ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings
    {
        Time = time ?? new MovableTime(),
        Values = settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value),
    });

    private static async Task<EventListener> ListenAsync(ReceiverHost host)
    {
        var listener = await EventListener.StartAsync(host.Address);
        Assert.Equal("heartbeat", (await listener.ReadAsync())!.Value.Type);
        return listener;
    }

    private static async Task PostAsync(ReceiverHost host, string meetingId, string summary = "said") =>
        Assert.Equal("stored", (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder(meetingId) { Summary = summary }.Build(), Keys.Demo)).Outcome);

    private static async Task<string> ReadIdAsync(EventListener listener) => (await listener.ReadMeetingAsync()).Meeting.GetProperty("meeting_id").GetString()!;
}
