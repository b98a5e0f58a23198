using CallbackReceiver.Tests.Infrastructure;
using CallbackReceiver.Tests.Meetings;
using Npgsql;

namespace CallbackReceiver.Tests.Operations;

/// <summary>A query that takes too long is ended, in PostgreSQL as well, and its answer says so.</summary>
public sealed class QueryDeadlineTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo";
    private const string TooLong = "urn:callback-receiver:problem:query-too-long";

    [Fact]
    public async Task Every_query_that_takes_too_long_answers_503_and_says_why_and_leaves_nothing_running()
    {
        // However slow the machine, PostgreSQL answers: that it has cancelled a statement, as well.
        var patient = new NpgsqlConnectionStringBuilder(receiver.ConnectionString) { Timeout = 60, CancellationTimeout = 60_000 }.ConnectionString;
        await using var service = await receiver.StartAsync(("ConnectionStrings:CallbackReceiver", patient), ("Queries:Timeout", "00:00:03"));
        await service.PostAsync("demo", new CallbackBuilder("long").Build());
        var delivery = await service.PostAsync("demo", new CallbackBuilder { EventName = "another" }.Build());
        await MeetingCopies.UntilProjectedAsync(receiver);
        string[] paths =
        [
            "/api/v1/workspaces", $"{Demo}/meetings", $"{Demo}/meetings?q=long", $"{Demo}/meetings/long", $"{Demo}/meetings/long/transcript", $"{Demo}/meetings/long/revisions",
            $"{Demo}/meetings/long/revisions/1", $"{Demo}/statistics?risk_factor=x", $"{Demo}/export", $"{Demo}/export?format=csv", $"{Demo}/deliveries", $"{Demo}/deliveries/{delivery.DeliveryId}", $"{Demo}/deliveries/{delivery.DeliveryId}/body",
        ];
        await Eventually.HoldsAsync(AreAllAnsweredAsync, "all are answered");
        await using (var holding = await receiver.OpenAsync())
        {
            await ExecuteAsync(holding, "BEGIN; LOCK TABLE meetings, deliveries, facts IN ACCESS EXCLUSIVE MODE");

            foreach (var answer in await Task.WhenAll(paths.Select(path => service.GetAsync(path))))
            {
                Assert.Equal((503, "application/problem+json", TooLong), (answer.Status, answer.ContentType, answer["type"]));
                Assert.True(int.Parse(answer.Headers["Retry-After"]) > 0);
            }

            // Of queries; what works in the background waits for as long as it takes.
            const string Running = @"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'm\.title|FROM facts|FROM deliveries AS'";
            await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>(Running) == 0, "no statement goes on for nobody");
        }

        await Eventually.HoldsAsync(AreAllAnsweredAsync, "all are answered again");

        async Task<bool> AreAllAnsweredAsync() => (await Task.WhenAll(paths.Select(path => service.GetAsync(path)))).All(answer => answer.Status == 200);
    }

    [Fact]
    public async Task A_limit_of_the_roles_own_is_answered_the_same()
    {
        var role = $"callback_receiver_brief_{Guid.NewGuid():N}";
        await receiver.QueryAsync($"CREATE ROLE {role} LOGIN PASSWORD 'brief'; ALTER ROLE {role} SET statement_timeout = '300ms'; GRANT USAGE ON SCHEMA public TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
        var reads = new NpgsqlConnectionStringBuilder(receiver.ConnectionString) { Username = role, Password = "brief" }.ConnectionString;
        await using (var service = await receiver.StartAsync(("ConnectionStrings:CallbackReceiverReads", reads)))
        await using (var holding = await receiver.OpenAsync())
        {
            await ExecuteAsync(holding, "BEGIN; LOCK TABLE facts IN ACCESS EXCLUSIVE MODE");

            var answer = await service.GetAsync($"{Demo}/statistics");

            Assert.Equal((503, TooLong), (answer.Status, answer["type"]));
        }

        await receiver.QueryAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task An_export_that_fails_in_the_middle_breaks_off_and_a_slow_reader_does_not_make_it_fail()
    {
        await using var service = await receiver.StartAsync(("Queries:Timeout", "00:00:02"));
        await service.PostAsync("demo", new CallbackBuilder("broken-off").Build());
        await MeetingCopies.AddAsync(receiver, "broken-off", Enumerable.Range(0, 6000).Select(n => new { meeting_id = $"broken-off-{n}", summary = new string('x', 20_000) }));
        await using var holding = await receiver.OpenAsync();

        using var response = await service.Http.SendAsync(Export(), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(await lines.ReadLineAsync(TestContext.Current.CancellationToken));

        // The reader waits for longer than a query may take. The lock is given once the first page is read to its end.
        var locking = ExecuteAsync(holding, "BEGIN; LOCK TABLE meetings IN ACCESS EXCLUSIVE MODE");
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        var read = 1;
        var failure = await Record.ExceptionAsync(async () =>
        {
            while (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is not null)
                read++;
        });

        Assert.True(failure is IOException, $"{failure?.GetType().Name} after {read} lines");
        Assert.InRange(read, 2, 6000);
        await locking;
        Assert.DoesNotContain(" ERR]", service.Log, StringComparison.Ordinal);
        Assert.Contains("broken off", service.Log, StringComparison.Ordinal);
    }

    private static HttpRequestMessage Export() => new(HttpMethod.Get, $"{Demo}/export?risk_factor=Communication%20difficulties") { Headers = { Authorization = new("Bearer", Keys.ApiAll) } };

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = PostgresServer.CommandSeconds };
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
