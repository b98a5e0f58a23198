using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.EndToEnd;

/// <summary>From a recording to its analysis, through the processes that people run: simulator, receiver with its PostgreSQL, command.</summary>
[Collection<WithReceiver>]
public sealed class LoopTests(ReceiverFixture receivers)
{
    [Fact]
    public async Task An_imported_recording_comes_back_as_the_analysis_that_the_receiver_stores()
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address);
        using var folder = new TestFolder();

        var result = await Seameet.For(simulator, receiver.Address).ImportAsync(folder, folder.WriteTone(), "--json");

        Assert.True(result.ExitCode == 0, result.ToString());
        var line = Assert.Single(result.Json);
        var meeting = Assert.Single(await simulator.MeetingsAsync());
        Assert.Equal("arrived", (string?)line["outcome"]);
        Assert.Equal((string?)meeting["id"], (string?)line["meeting_id"]);
        Assert.Equal((string?)meeting["id"], (string?)line["analysis"]!["meeting_id"]);
        Assert.Equal("模擬分析: call", (string?)line["analysis"]!["title"]);
        Assert.Equal(2, line["analysis"]!["transcript"]!.AsArray().Count);
    }
}
