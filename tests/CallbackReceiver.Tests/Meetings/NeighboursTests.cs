using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Going on from one meeting of a list to the next.</summary>
[Trait("Category", "Storage")]
public sealed class NeighboursTests(Receiver receiver) : IClassFixture<Receiver>, IAsyncLifetime
{
    private const string Base = "/api/v1/workspaces/demo/meetings";

    private ReceiverProcess Service => receiver.Service;

    public async ValueTask InitializeAsync()
    {
        for (var n = 0; n < 7; n++)
            await Service.PostAsync("demo", (new CallbackBuilder($"call/{n}") { CustomerSatisfactionRating = n % 2 == 0 ? "A" : "E", Title = $"call {n}" }).Build());
        await Service.PostAsync("other", (new CallbackBuilder("of other") { WorkspaceId = "other" }).Build(), Keys.Other);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("")]
    [InlineData("sort=received_at")]
    [InlineData("customer_satisfaction_rating=A")]
    [InlineData("customer_satisfaction_rating=E&sort=received_at")]
    [InlineData("q=call")]
    public async Task Each_meeting_has_the_neighbours_that_it_has_in_the_list(string filter)
    {
        await Eventually.HoldsAsync(async () => (await ListAsync("q=call")).Count == 7, "the meetings are searchable");
        var list = await ListAsync(filter);
        Assert.True(list.Count >= 3);

        for (var n = 0; n < list.Count; n++)
            Assert.Equal((n == 0 ? "" : list[n - 1], n == list.Count - 1 ? "" : list[n + 1]), await NeighboursAsync(list[n], filter));
    }

    [Fact]
    public async Task A_meeting_that_is_not_in_the_list_is_between_others_all_the_same()
    {
        Assert.Equal(("call/4", "call/2"), await NeighboursAsync("call/3", "customer_satisfaction_rating=A"));
        Assert.Equal(("", ""), await NeighboursAsync("call/3", "customer_satisfaction_rating=C"));
    }

    [Fact]
    public async Task There_are_none_of_what_is_not_there_and_a_wrong_filter_is_named()
    {
        Assert.Equal(404, (await Service.GetAsync($"{Base}/nobody/neighbours")).Status);
        Assert.Equal(404, (await Service.GetAsync($"{Base}/of%20other/neighbours")).Status);
        Assert.Equal(404, (await Service.GetAsync("/api/v1/workspaces/other/meetings/of%20other/neighbours", Keys.ApiDemo)).Status);
        Assert.Equal(403, (await Service.GetAsync($"{Base}/call%2F1/neighbours", Keys.ApiManageOnly)).Status);
        Assert.Equal(400, (await Service.GetAsync($"{Base}/call%2F1/neighbours?limit=1")).Status);
    }

    private async Task<List<string>> ListAsync(string filter) =>
        [.. (await Service.GetAsync($"{Base}?{filter}")).Json.GetProperty("items").EnumerateArray().Select(meeting => meeting.GetProperty("meeting_id").GetString()!)];

    private async Task<(string? Previous, string? Next)> NeighboursAsync(string meetingId, string filter)
    {
        var answer = await Service.GetAsync($"{Base}/{Uri.EscapeDataString(meetingId)}/neighbours?{filter}");
        return (answer["previous_meeting_id"], answer["next_meeting_id"]);
    }
}
