using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.EndToEnd;

/// <summary>Each way in which an import goes wrong: a message, an exit code of its own, and nothing left without a name.</summary>
[Collection<WithReceiver>]
public sealed class ImportFailureTests(ReceiverFixture receivers) : IDisposable
{
    private readonly TestFolder folder = new();

    [Fact]
    public async Task What_cannot_be_uploaded_is_refused_before_a_meeting_is_created()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null);
        var seameet = Seameet.For(simulator);
        var text = folder.Write("notes.wav", "no audio"u8);
        var tooLong = folder.WriteTone("long.wav", seconds: 7201);
        var tooMany = folder.WriteTone("many.wav", channels: 3);

        AssertFails(3, "There is no file", await seameet.ImportAsync(folder, folder.In("none.wav")));
        AssertFails(4, "is not audio", await seameet.ImportAsync(folder, text));
        AssertFails(5, "two hours at most", await seameet.ImportAsync(folder, tooLong));
        AssertFails(4, "3 channels", await seameet.ImportAsync(folder, tooMany));
        AssertFails(21, "0 of 2", await seameet.ImportAsync(folder, text, tooLong));
        Assert.Empty(await simulator.MeetingsAsync());
    }

    [Fact]
    public async Task An_mp3_over_two_hours_is_refused_where_ffprobe_is_there()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The ffprobe of this test is a shell script.");
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null);
        var seameet = Seameet.For(simulator);
        var mp3 = folder.Write("call.mp3", [0xFF, 0xFB, 0x90, 0x64]);
        var ffprobe = folder.Write("ffprobe", """
            #!/bin/sh
            echo '{"streams":[{"codec_type":"audio","codec_name":"mp3","channels":1,"sample_rate":"8000"}],"format":{"duration":"7300.0"}}'
            """u8);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(ffprobe, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        seameet.Environment["PATH"] = $"{folder.Path}:{System.Environment.GetEnvironmentVariable("PATH")}";

        AssertFails(5, "2:01:40", await seameet.ImportAsync(folder, mp3));
    }

    [Fact]
    public async Task A_wrong_token_is_said_to_be_wrong_and_is_not_shown()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null);
        var seameet = Seameet.For(simulator);
        seameet.Environment["SEAMEET_ACCESS_TOKEN"] = "a-wrong-token";

        var result = await seameet.ImportAsync(folder, folder.WriteTone());

        AssertFails(6, "401", result);
        Assert.DoesNotContain("a-wrong-token", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_on_the_command_line_or_none_at_all_is_a_wrong_command()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null);
        var seameet = Seameet.For(simulator);
        var call = folder.WriteTone();

        AssertFails(2, "SEAMEET_ACCESS_TOKEN", await seameet.ImportAsync(folder, call, "--access-token", "secret"));
        seameet.Environment.Remove("SEAMEET_ACCESS_TOKEN");
        AssertFails(2, "SEAMEET_ACCESS_TOKEN", await seameet.ImportAsync(folder, call));
        Assert.Equal(0, (await seameet.ImportAsync(folder, call, "--access-token-file", folder.Write("token", System.Text.Encoding.UTF8.GetBytes(SimulatorProcess.AccessToken + "\n")))).ExitCode);
    }

    [Theory]
    [InlineData("--meeting-language", "tlh")]
    [InlineData("--channels", "3")]
    [InlineData("--meeting-start-time", "soon")]
    [InlineData("--direction", "INBOUND")] // without --customer-number
    [InlineData("--diarization-options", "maybe")]
    [InlineData("--use-existing-audio", "true")] // without --meeting-id
    [InlineData("--resource-metadata", "[1]")]
    [InlineData("--wait-for", "analysis")] // without --receiver
    [InlineData("--poll-interval", "-1")]
    [InlineData("--seameet-url-base", "ftp://seameet.test")]
    public async Task What_SeaMeet_would_refuse_is_a_wrong_command(string option, string value)
    {
        var seameet = new Seameet { Environment = { ["SEAMEET_URL_BASE"] = "http://127.0.0.1:1", ["SEAMEET_ACCESS_TOKEN"] = "t", ["SEAMEET_WORKSPACE_ID"] = "demo" } };

        Assert.Equal(2, (await seameet.RunAsync(["import", folder.WriteTone(), "--journal", folder.JournalPath, option, value])).ExitCode);
    }

    [Fact]
    public async Task An_upload_url_that_expires_twice_leaves_a_meeting_that_is_named_and_gone_on_with()
    {
        string meetingId;
        var call = folder.WriteTone();
        await using (var simulator = await SimulatorProcess.StartAsync(receiver: null, ("UploadUrlLifetime", "00:00:00")))
        {
            var result = await Seameet.For(simulator).ImportAsync(folder, call);
            meetingId = (string)Assert.Single(await simulator.MeetingsAsync())["id"]!;
            AssertFails(7, $"seameet meetings delete {meetingId}", result);
        }
    }

    [Fact]
    public async Task A_meeting_that_does_not_exist_is_not_found()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null);
        var seameet = Seameet.For(simulator);

        AssertFails(8, "MeetingNotFoundError", await seameet.ImportAsync(folder, folder.WriteTone(), "--meeting-id", "seax_none"));
        AssertFails(8, "MeetingNotFoundError", await seameet.RunAsync("meetings", "delete", "seax_none"));
        AssertFails(10, "404", await seameet.RunAsync("jobs", "get", "none"));
        AssertFails(2, "no id", await seameet.RunAsync("jobs", "get", ".."));
    }

    [Fact]
    public async Task A_meeting_without_a_recording_has_none_to_analyse()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null);
        var seameet = Seameet.For(simulator);
        var created = await seameet.RunAsync("meetings", "create", "call", "--meeting-language", "en-US");

        var result = await seameet.ImportAsync(folder, folder.WriteTone(), "--meeting-id", created.Output.Trim(), "--use-existing-audio");

        AssertFails(9, "AudioNotFoundError", result);
        Assert.Equal(0, (await seameet.RunAsync("meetings", "delete", created.Output.Trim())).ExitCode);
        Assert.Empty(await simulator.MeetingsAsync());
    }

    [Fact]
    public async Task A_failed_job_is_told_with_its_reason_and_started_anew_by_the_next_run()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null, ("Jobs:FailureRate", 1));
        var seameet = Seameet.For(simulator);
        var call = folder.WriteTone();

        AssertFails(11, "told to let a share of the jobs fail", await seameet.ImportAsync(folder, call));
        var again = await seameet.ImportAsync(folder, call, "--json");
        AssertFails(11, "", again);
        AssertFails(11, "FAILED", await seameet.RunAsync("jobs", "get", (string)again.Json[0]["job_id"]!));

        Assert.Equal(2, (int?)Assert.Single(await simulator.MeetingsAsync())["jobs"]);
    }

    [Fact]
    public async Task A_job_that_takes_too_long_is_found_by_the_next_run()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null, ("Jobs:Started", "00:00:08"));
        var seameet = Seameet.For(simulator);
        var call = folder.WriteTone();

        var late = await seameet.ImportAsync(folder, call, "--timeout", "0.2");
        AssertFails(12, "has not ended", late);
        Assert.Equal(12, (await seameet.RunAsync("jobs", "get", Assert.Single(System.Text.RegularExpressions.Regex.Matches(late.Errors, "job ([0-9a-f-]{36})").Select(match => match.Groups[1].Value)))).ExitCode);
        Assert.Equal(0, (await seameet.ImportAsync(folder, call)).ExitCode);

        Assert.Equal(1, (int?)Assert.Single(await simulator.MeetingsAsync())["jobs"]);
    }

    [Fact]
    public async Task SeaMeet_that_cannot_be_reached_has_created_nothing()
    {
        var seameet = new Seameet { Environment = { ["SEAMEET_URL_BASE"] = "http://127.0.0.1:1", ["SEAMEET_ACCESS_TOKEN"] = "t", ["SEAMEET_WORKSPACE_ID"] = "demo" } };

        var result = await seameet.ImportAsync(folder, folder.WriteTone(), "--json");

        AssertFails(13, "does not answer", result);
        Assert.Null(result.Json[0]["meeting_id"]);
    }

    [Fact]
    public async Task A_meeting_that_may_exist_is_not_created_again_until_it_is_asked_for()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null, ("Faults:CreateMeeting:ResetAfter", 1));
        var seameet = Seameet.For(simulator);
        var call = folder.WriteTone();

        AssertFails(15, "--meeting-id", await seameet.ImportAsync(folder, call));
        AssertFails(15, "--retry-uncertain", await seameet.ImportAsync(folder, call));
        var meeting = Assert.Single(await simulator.MeetingsAsync());
        Assert.Equal(0, (await seameet.ImportAsync(folder, call, "--meeting-id", (string)meeting["id"]!)).ExitCode);

        Assert.Equal(1, (int?)(await simulator.CountsAsync())["meetings_created"]);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_or_does_not_take_the_key_is_noticed_before_a_meeting_is_created()
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address);
        var seameet = Seameet.For(simulator, receiver.Address);
        var call = folder.WriteTone();

        seameet.Environment["SEAMEET_RECEIVER_API_KEY"] = "wrong";
        AssertFails(18, "401", await seameet.ImportAsync(folder, call));
        seameet.Environment["SEAMEET_RECEIVER"] = "http://127.0.0.1:1";
        AssertFails(16, "cannot be reached", await seameet.ImportAsync(folder, call));
        Assert.Empty(await simulator.MeetingsAsync());
    }

    [Fact]
    public async Task An_analysis_that_never_arrives_is_waited_for_no_longer_than_asked()
    {
        var receiver = await receivers.StartedAsync();
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address, ("Callbacks:DropRate", 1));

        var result = await Seameet.For(simulator, receiver.Address).ImportAsync(folder, folder.WriteTone(), "--timeout", "1", "--json");

        AssertFails(17, "has not arrived", result);
        Assert.Equal((string?)Assert.Single(await simulator.MeetingsAsync())["id"], (string?)result.Json[0]["meeting_id"]);
    }

    public void Dispose() => folder.Dispose();

    private static void AssertFails(int exitCode, string message, CommandResult result)
    {
        Assert.True(result.ExitCode == exitCode, $"expected exit code {exitCode}: {result}");
        Assert.Contains(message, result.Errors + result.Output, StringComparison.Ordinal);
    }
}
