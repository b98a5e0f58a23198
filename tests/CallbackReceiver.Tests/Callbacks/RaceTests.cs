using System.Collections.Concurrent;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

[Trait("Category", "Storage")]
public sealed class RaceTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Clients = 64;
    private const int Bodies = 500;
    private const int Meetings = 50;
    private const int Copies = 4;

    [Fact]
    public async Task Two_services_that_race_for_the_same_bodies_store_each_once()
    {
        var bodies = Enumerable.Range(0, Bodies)
            .Select(i => (new CallbackBuilder($"race-{i % Meetings}") with { Title = $"body {i}" }).Build()).ToArray();
        var deliveries = Enumerable.Range(0, Bodies * Copies).Select(i => i % Bodies).ToArray();
        Random.Shared.Shuffle(deliveries);
        var answers = new ConcurrentBag<(int Body, Answer Answer)>();
        await using (var one = await ReceiverHost.StartAsync(database.ConnectionString))
        await using (var two = await ReceiverHost.StartAsync(database.ConnectionString))
        {
            ReceiverHost[] hosts = [one, two];
            var queue = new ConcurrentQueue<(int Body, ReceiverHost Host)>(deliveries.Select((body, i) => (body, hosts[i % 2])));
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
            {
                while (queue.TryDequeue(out var delivery))
                    answers.Add((delivery.Body, await delivery.Host.Client.PostAsync(Workspaces.Demo, bodies[delivery.Body], Keys.Demo)));
            }));
            Assert.Empty(one.Logs.Errors);
            Assert.Empty(two.Logs.Errors);
        }

        Assert.Equal(Bodies * Copies, answers.Count);
        foreach (var body in answers.GroupBy(answer => answer.Body, answer => answer.Answer))
        {
            Assert.Equal(["duplicate", "duplicate", "duplicate", "stored"], body.Select(answer => answer.Outcome).Order(StringComparer.Ordinal));
            Assert.Single(body.Select(answer => answer.DeliveryId).Distinct());
            Assert.Single(body.Select(answer => answer.Revision).Distinct());
        }

        var rows = await database.DeliveriesAsync();
        Assert.Equal(Bodies, rows.Count);
        Assert.All(rows, row => Assert.Equal(Copies - 1, row.Duplicates));
        var meetings = await database.MeetingsAsync();
        Assert.Equal(Meetings, meetings.Count);
        foreach (var meeting in meetings)
        {
            var ofMeeting = rows.Where(row => row.MeetingId == meeting.MeetingId).ToList();
            Assert.Equal(Bodies / Meetings, meeting.DeliveryIds.Length);
            Assert.Equal(ofMeeting.Select(row => row.DeliveryId).Order(), meeting.DeliveryIds.Order());
            Assert.Equal(ofMeeting.Max(row => row.ReceivedAt), meeting.ReceivedAt);
            foreach (var (index, id) in meeting.DeliveryIds.Index())
                Assert.Equal(index + 1, answers.First(answer => answer.Answer.DeliveryId == id).Answer.Revision);
        }

        await Eventually.HoldsAsync(async () => await CountAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'callback-receiver'") == 0, "the services' sessions are over");
        Assert.Equal(0, await CountAsync("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
