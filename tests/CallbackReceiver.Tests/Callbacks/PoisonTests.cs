using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

[Trait("Category", "Storage")]
public sealed class PoisonTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Analysis_that_PostgreSQL_refuses_is_quarantined_and_fails_none_of_its_batch()
    {
        // The parser passes nothing that PostgreSQL is known to refuse: here it is made to refuse a title.
        await database.ExecuteAsync("ALTER TABLE meetings ADD CONSTRAINT no_poison CHECK (title <> 'poison')");
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString, OneBatch.Settings);
        var good = Enumerable.Range(0, 50).Select(i => new CallbackBuilder($"good-{i}").Build()).ToArray();
        var poison = (new CallbackBuilder("poisoned") with { Title = "poison" }).Build();

        var answers = await OneBatch.PostAsync(host, database, [.. good.Take(25), poison, .. good.Skip(25)]);
        Assert.All(answers.Where((_, number) => number != 25), answer => Assert.Equal("stored", answer.Outcome));
        var refused = answers[25];
        Assert.Equal(202, refused.Status);
        Assert.Equal("quarantined", refused.Outcome);
        Assert.Equal([""], refused.ErrorPaths);
        Assert.Contains("23514", refused.ToString(), StringComparison.Ordinal);
        var row = (await database.DeliveryOfAsync(poison))!;
        Assert.Equal("quarantined", row.Outcome);
        Assert.Equal(refused.DeliveryId, row.DeliveryId);
        Assert.Equal("poisoned", row.MeetingId);
        Assert.Equal(poison, row.Body);
        Assert.Equal(0, row.Duplicates);
        Assert.Null(await database.MeetingAsync("poisoned"));
        Assert.Equal(51, (await database.MeetingsAsync()).Count);
        Assert.Equal(52, (await database.DeliveriesAsync()).Count);
        Assert.Contains(host.Logs.Lines, line => line.Contains("A batch of 51 deliveries was refused", StringComparison.Ordinal));
    }
}
