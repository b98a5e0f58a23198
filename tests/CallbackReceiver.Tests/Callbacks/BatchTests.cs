using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>Deliveries that share a commit: inserted at once where all of them are new, and each right where they are not.</summary>
[Trait("Category", "Storage")]
public sealed class BatchTests(PostgresServer server) : IAsyncLifetime
{
    // A sequence counts on through what is rolled back.
    private const string CountAttempts = """
        CREATE SEQUENCE attempts;
        CREATE FUNCTION count_attempt() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''attempts''); RETURN NULL; END';
        CREATE TRIGGER count_attempt BEFORE INSERT ON deliveries EXECUTE FUNCTION count_attempt()
        """;

    private readonly TestDatabase database = new(server);
    private ReceiverHost host = null!;

    public async ValueTask InitializeAsync()
    {
        await database.InitializeAsync();
        await database.ExecuteAsync(CountAttempts);
        host = await ReceiverHost.StartAsync(database.ConnectionString, OneBatch.Settings);
    }

    public async ValueTask DisposeAsync()
    {
        Assert.DoesNotContain(host.Logs.Lines, line => line.Contains("was refused by PostgreSQL", StringComparison.Ordinal));
        await host.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task New_deliveries_of_every_outcome_are_inserted_in_one_attempt()
    {
        var good = New(20);
        var unfit = new CallbackBuilder { CustomerSatisfactionRating = "Z" }.Build();
        var ignored = new CallbackBuilder { EventName = "another" }.Build();
        var answers = await OneBatch.PostAsync(host, database, [.. good, unfit, ignored, good[7], good[7]]);

        Assert.Equal(2, await AttemptsAsync()); // the batch's, and that of the delivery before it
        Assert.Equal([.. Enumerable.Repeat("duplicate", 2), "ignored", "quarantined", .. Enumerable.Repeat("stored", 20)], answers.Select(answer => answer.Outcome).Order(StringComparer.Ordinal));
        Assert.All(answers.Where(answer => answer.Outcome == "stored"), answer => Assert.Equal(1, answer.Revision));
        Assert.Single(answers.Where((_, number) => number is 7 or 22 or 23).Select(answer => answer.DeliveryId).Distinct());
        await AssertHeldAsync([.. good, unfit, ignored], answers);
        Assert.Equal(2, (await database.DeliveryOfAsync(good[7]))!.Duplicates);
        Assert.Equal(["/payload/customer_satisfaction_rating"], answers[20].ErrorPaths);
        Assert.Equal(1 + 20, (await database.MeetingsAsync()).Count);
    }

    [Fact]
    public async Task What_is_known_already_costs_its_neighbours_nothing()
    {
        var known = new CallbackBuilder("known").Build();
        var first = await host.Client.PostAsync(Workspaces.Demo, known, Keys.Demo);
        var again = new CallbackBuilder("known") { Title = "analysed again" }.Build();
        var good = New(20);
        var answers = await OneBatch.PostAsync(host, database, [.. good.Take(10), known, again, .. good.Skip(10)]);

        Assert.Equal(("duplicate", first.DeliveryId, 1), (answers[10].Outcome, answers[10].DeliveryId, answers[10].Revision));
        Assert.Equal(("stored", 2), (answers[11].Outcome, answers[11].Revision));
        Assert.All(answers.Where((_, number) => number is not 10 and not 11), answer => Assert.Equal(("stored", 1), (answer.Outcome, answer.Revision)));
        await AssertHeldAsync([.. good.Take(10), known, again, .. good.Skip(10)], answers);
        Assert.Equal(1, (await database.DeliveryOfAsync(known))!.Duplicates);
        Assert.Equal("analysed again", (await database.MeetingAsync("known"))!.Title);
    }

    [Fact]
    public async Task Where_deliveries_come_again_no_more_is_tried_in_vain()
    {
        var known = New(1)[0];
        await host.Client.PostAsync(Workspaces.Demo, known, Keys.Demo);
        var before = await AttemptsAsync();
        for (var round = 0; round < 5; round++)
            await OneBatch.PostAsync(host, database, [.. New(10), known]);

        Assert.Equal(before + 1 + (5 * 2), await AttemptsAsync());
        Assert.Equal(5, (await database.DeliveryOfAsync(known))!.Duplicates);
    }

    [Fact]
    public async Task Batch_whose_commit_got_no_answer_is_written_again_and_said_to_be_stored()
    {
        var bodies = New(20);
        var receivedAt = host.Services.GetRequiredService<ReceiveClock>().Next();
        var deliveries = bodies.Select(body => new Delivery(
            VerifiedBody.Restore(Workspaces.Demo, "00000000", body), CallbackParserTests.Parse(body), receivedAt)).ToList();
        var writer = host.Services.GetRequiredService<DeliveryWriter>();
        var receipts = await writer.WriteAsync(deliveries, WriteLimits.Usual.OfDrain);
        var attempts = await AttemptsAsync();
        var repeated = await writer.WriteAsync(deliveries, WriteLimits.Usual.OfDrain);

        Assert.Equal(deliveries.Select(delivery => new Receipt(Outcome.Stored, delivery.Id, Workspaces.Demo, delivery.Ledger.MeetingId, 1)), receipts);
        Assert.Equal(receipts, repeated);
        Assert.Equal(attempts + 2, await AttemptsAsync());
        Assert.All(await database.DeliveriesAsync(), row => Assert.Equal(0, row.Duplicates));
        Assert.Equal(20, (await database.MeetingsAsync()).Count);
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task Delivery_that_is_written_again_once_the_clock_was_set_has_the_time_that_the_ledger_says(int seconds)
    {
        var callback = new CallbackBuilder();
        var (body, later) = ((callback with { Title = "first" }).Build(), (callback with { Title = "second" }).Build());
        var receivedAt = host.Services.GetRequiredService<ReceiveClock>().Next().AddMinutes(-5);
        var writer = host.Services.GetRequiredService<DeliveryWriter>();
        var delivery = LateAt(Guid.CreateVersion7(receivedAt), body, receivedAt);
        await writer.WriteAsync([delivery], WriteLimits.Usual.OfDrain);
        var second = LateAt(Guid.CreateVersion7(receivedAt), later, receivedAt.AddSeconds(1));
        await writer.WriteAsync([second], WriteLimits.Usual.OfDrain);

        var receipts = await writer.WriteAsync([LateAt(delivery.Id, body, receivedAt.AddSeconds(seconds)), LateAt(second.Id, later, receivedAt.AddSeconds(-seconds))], WriteLimits.Usual.OfDrain);

        Assert.All(receipts, receipt => Assert.Equal(Outcome.Stored, receipt.Outcome));
        var meeting = (await database.MeetingAsync((string)callback.MeetingId!))!;
        Assert.Equal(("second", receivedAt.UtcDateTime, receivedAt.AddSeconds(1).UtcDateTime), (meeting.Title, meeting.FirstReceivedAt, meeting.ReceivedAt));
        Assert.Equal(receivedAt.UtcDateTime, (await database.DeliveryOfAsync(body))!.ReceivedAt);
    }

    [Fact]
    public void Attempts_begin_again_after_a_while()
    {
        var backoff = new ConflictBackoff();
        Assert.True(backoff.Permits(ConflictBackoff.FewestDeliveries));
        Assert.False(backoff.Permits(ConflictBackoff.FewestDeliveries - 1));
        backoff.Conflicted();
        Assert.All(Enumerable.Range(0, ConflictBackoff.BatchesAfterConflict), _ => Assert.False(backoff.Permits(100)));
        Assert.True(backoff.Permits(100));
        Assert.True(backoff.Permits(100));
    }

    private static Delivery LateAt(Guid id, byte[] body, DateTimeOffset receivedAt) =>
        new(id, VerifiedBody.Restore(Workspaces.Demo, "00000000", body), CallbackParserTests.Parse(body), receivedAt);

    private static byte[][] New(int count) => [.. Enumerable.Range(0, count).Select(_ => new CallbackBuilder().Build())];

    private async Task AssertHeldAsync(byte[][] bodies, Answer[] answers)
    {
        foreach (var body in bodies)
        {
            var row = (await database.DeliveryOfAsync(body))!;
            Assert.Equal(body, row.Body);
            Assert.Contains(answers, answer => answer.DeliveryId == row.DeliveryId);
        }
    }

    private async Task<long> AttemptsAsync()
    {
        await using var command = database.DataSource.CreateCommand("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM attempts");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
