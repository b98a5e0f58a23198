using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.EndToEnd;

/// <summary>From a recording to its analysis, through the processes that people run: simulator, receiver with its PostgreSQL, command.</summary>
[Collection<WithReceiver>]
public sealed class LoopTests(ReceiverFixture receivers) : IDisposable
{
    private readonly TestFolder folder = new();

    [Fact]
    public async Task An_imported_recording_comes_back_as_the_analysis_that_the_receiver_stores()
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address);

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

    [Fact]
    public async Task People_see_a_table_of_the_analysis_and_can_have_the_call_described()
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address);

        var result = await Seameet.For(simulator, receiver.Address).ImportAsync(
            folder, folder.WriteTone(), "--meeting-name", "complaint", "--meeting-language", "en-US", "--customer-number", "0933123456", "--agent-name", "desk 7", "--direction", "INBOUND");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("Simulated analysis: complaint", result.Output, StringComparison.Ordinal);
        Assert.Contains("desk 7", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(SimulatorProcess.AccessToken, result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Callbacks:Envelope", "Captured", 1)]
    [InlineData("Callbacks:Envelope", "Both", 2)]
    [InlineData("Callbacks:PayloadAsString", "true", 1)]
    [InlineData("Callbacks:EnsureAscii", "false", 1)]
    [InlineData("Callbacks:DuplicateRate", "1", 2)]
    public async Task Whatever_the_form_of_the_callback_the_analysis_arrives(string setting, string value, int callbacks)
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address, (setting, value));

        var result = await Seameet.For(simulator, receiver.Address).ImportAsync(folder, folder.WriteTone(), "--json");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.NotNull((string?)result.Json[0]["analysis"]!["agent_performance_feedback"]);
        var sent = await Eventually.BecomesAsync(simulator.CallbacksAsync, sent => sent.Count == callbacks);
        Assert.All(sent, callback => Assert.StartsWith("200", (string?)callback["answer"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_callback_that_is_signed_with_another_key_is_refused_and_does_not_arrive()
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address, ("Callbacks:WrongKeyRate", 1));

        var result = await Seameet.For(simulator, receiver.Address).ImportAsync(folder, folder.WriteTone(), "--timeout", "2");

        Assert.Equal(17, result.ExitCode);
        var sent = await Eventually.BecomesAsync(simulator.CallbacksAsync, sent => sent.Count == 1);
        Assert.StartsWith("401", (string?)sent[0]["answer"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_that_was_held_back_arrives_after_a_later_one()
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address, ("Callbacks:ReorderRate", 0.5), ("Callbacks:ReorderDelay", "00:00:02"));
        for (var i = 0; i < 6; i++)
            folder.WriteTone($"{i}.wav");

        var result = await Seameet.For(simulator, receiver.Address).ImportAsync(folder, folder.Path);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("6 of 6", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_imported_is_not_imported_again_unless_it_is_asked_for()
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address);
        var seameet = Seameet.For(simulator, receiver.Address);
        var call = folder.WriteTone();

        var first = await seameet.ImportAsync(folder, call, "--json");
        var second = await seameet.ImportAsync(folder, call, "--json");
        Assert.Single(await simulator.MeetingsAsync());
        var third = await seameet.ImportAsync(folder, call, "--json", "--again");

        Assert.Equal([0, 0, 0], [first.ExitCode, second.ExitCode, third.ExitCode]);
        Assert.Equal((string?)first.Json[0]["meeting_id"], (string?)second.Json[0]["meeting_id"]);
        Assert.NotEqual((string?)first.Json[0]["meeting_id"], (string?)third.Json[0]["meeting_id"]);
        Assert.Equal(2, (await simulator.MeetingsAsync()).Count);
    }

    [Fact]
    public async Task A_run_that_was_killed_goes_on_without_creating_a_meeting_twice()
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address, ("Jobs:Queued", "00:00:03"));
        for (var i = 0; i < 8; i++)
            folder.WriteTone($"{i}.wav");
        var seameet = Seameet.For(simulator, receiver.Address);

        await seameet.RunAsync(
            async process =>
            {
                // All steps but the last of some recordings are done.
                await Eventually.BecomesAsync(simulator.CountsAsync, counts => counts["jobs"]!.AsObject().Sum(status => (int)status.Value!) >= 4);
                process.Kill();
            },
            "import", "--journal", folder.JournalPath, "--poll-interval", "0.05", "--parallel", "1", folder.Path);
        var result = await seameet.ImportAsync(folder, folder.Path, "--retry-uncertain", "--timeout", "60");

        Assert.True(result.ExitCode == 0, result.ToString());
        // The one that was under way when the process died may be uncertain; all others must be there once.
        var meetings = await simulator.MeetingsAsync();
        Assert.InRange(meetings.Count, 8, 9);
        Assert.Equal(8, meetings.Select(meeting => (string?)meeting["name"]).Distinct().Count());
    }

    [Fact]
    public async Task Ctrl_C_lets_a_creation_come_to_its_end_and_names_what_is_left()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null, ("Jobs:Queued", "01:00:00"));
        var seameet = Seameet.For(simulator);
        var call = folder.WriteTone();

        var result = await seameet.RunAsync(
            async process =>
            {
                await Eventually.BecomesAsync(simulator.CountsAsync, counts => counts["jobs"]!.AsObject().Count == 1);
                using var interrupt = System.Diagnostics.Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            },
            "import", "--journal", folder.JournalPath, call);

        Assert.True(result.ExitCode == 130, result.ToString());
        Assert.Contains((string)Assert.Single(await simulator.MeetingsAsync())["id"]!, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_is_sent_and_verified_from_the_command_line()
    {
        var receiver = await receivers.StartedAsync();
        var sample = Path.Combine(AppContext.BaseDirectory, "Samples", "custom-items.json");
        var seameet = new Seameet { Environment = { ["SEAMEET_SIGNING_KEY"] = ReceiverFixture.SigningKey } };
        string[] to = ["--receiver", receiver.Address.AbsoluteUri, "--workspace", "demo"];

        var sent = await seameet.RunAsync(["callback", "send", sample, .. to, "--repeat", "5", "--rate", "50"]);
        var refused = await seameet.RunAsync(["callback", "send", sample, .. to, "--signature", new string('0', 64)]);
        var unreachable = await seameet.RunAsync("callback", "send", sample, "--url", "http://127.0.0.1:1/callbacks/demo");
        var signature = CallbackSignature.Sign(await File.ReadAllBytesAsync(sample), ReceiverFixture.SigningKey);
        var right = await seameet.RunAsync("callback", "verify", sample, "--signature", signature);
        var wrong = await seameet.RunAsync("callback", "verify", sample, "--signature", new string('0', 64));

        Assert.Equal([0, 20, 16, 0, 19], [sent.ExitCode, refused.ExitCode, unreachable.ExitCode, right.ExitCode, wrong.ExitCode]);
        Assert.Contains("4 times 200: {\"outcome\":\"duplicate\"", sent.Output, StringComparison.Ordinal);
        Assert.Contains("401", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("key is at fault", wrong.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
