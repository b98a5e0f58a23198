using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

[Trait("Category", "Storage")]
public sealed class RefusedNameTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData("other_event", "A")]
    [InlineData("dashboard_analysis_finished", "Z")]
    public async Task Body_whose_names_PostgreSQL_refuses_is_kept_without_them(string eventName, string rating)
    {
        await database.ExecuteAsync(
            "ALTER TABLE deliveries DROP CONSTRAINT IF EXISTS no_refused; ALTER TABLE deliveries ADD CONSTRAINT no_refused CHECK (meeting_id <> 'refused')");
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        var body = (new CallbackBuilder("refused") with { EventName = eventName, CustomerSatisfactionRating = rating }).Build();

        var answer = await host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);

        Assert.Equal((202, "quarantined"), (answer.Status, answer.Outcome));
        var row = (await database.DeliveryOfAsync(body))!;
        Assert.Equal(("quarantined", null), (row.Outcome, row.MeetingId));
        Assert.Equal(body, row.Body);
        Assert.Contains("23514", answer.ToString(), StringComparison.Ordinal);
    }
}
