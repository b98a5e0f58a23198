using System.Text;
using SeaMeet.Cli.Callbacks;
using SeaMeet.Simulator;
using SeaMeet.Simulator.Api;
using SeaMeet.Simulator.Callbacks;
using SeaMeet.Simulator.Jobs;

namespace SeaMeet.Tests.Simulator;

/// <summary>The bytes of the simulator's callbacks. What stands here was written by Python's json.dumps.</summary>
public sealed class CallbackBodyTests
{
    private static readonly SimulatedJob Job = new(
        "job", new SimulatedMeeting("demo", "seax_1", "來電 \"1\"", "zh-TW"), new UploadedAudio("a.wav", 400_000, "", DateTimeOffset.UnixEpoch), []);

    [Fact]
    public void The_documented_envelope_is_written_as_json_dumps_does()
    {
        var body = Encoding.UTF8.GetString(CallbackBody.Documented(Job, new CallbackOptions()));

        Assert.StartsWith("""{"event_name": "dashboard_analysis_finished", "workspace_id": "demo", "meeting_id": "seax_1", "payload": {"meeting_id": "seax_1", """, body, StringComparison.Ordinal);
        Assert.Contains(""" "title": "\u6a21\u64ec\u5206\u6790: \u4f86\u96fb \"1\"", "transcript": [{"text": "\u9019\u53e5\u8a71\u4f86\u81ea\u6a21\u64ec\u5668\u3002", "speaker": "agent"}, """, body, StringComparison.Ordinal);
        Assert.Contains("\\ud83d\\udc4b", body, StringComparison.Ordinal);
        Assert.EndsWith("\"}]}}", body, StringComparison.Ordinal);
        Assert.All(body, letter => Assert.InRange(letter, ' ', '~'));
    }

    [Fact]
    public void The_captured_envelope_has_another_name_for_the_event_and_no_ids_beside_the_payload()
    {
        var body = Encoding.UTF8.GetString(CallbackBody.Captured(Job, new CallbackOptions()));

        Assert.StartsWith("""{"event": "dashboard_analysis_finished", "payload": {"meeting_id": "seax_1", "customer_satisfaction_rating": """, body, StringComparison.Ordinal);
        Assert.DoesNotContain("workspace_id", body, StringComparison.Ordinal);
        Assert.DoesNotContain("summary", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_UTF8_and_a_payload_in_a_string_are_written_where_they_are_asked_for()
    {
        var raw = Encoding.UTF8.GetString(CallbackBody.Documented(Job, new CallbackOptions { EnsureAscii = false }));
        var inString = Encoding.UTF8.GetString(CallbackBody.Documented(Job, new CallbackOptions { PayloadAsString = true }));

        Assert.Contains("模擬分析: 來電", raw, StringComparison.Ordinal);
        Assert.Contains("👋", raw, StringComparison.Ordinal);
        Assert.Contains(""" "payload": "{\"meeting_id\": \"seax_1\", """, inString, StringComparison.Ordinal);
        Assert.Contains("""\\u6a21""", inString, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_meeting_gets_the_same_bytes() =>
        Assert.Equal(CallbackBody.Documented(Job, new CallbackOptions()), CallbackBody.Documented(Job, new CallbackOptions()));

    [Fact]
    public void A_longer_recording_has_a_longer_transcript()
    {
        var twoHours = Job with { Audio = Job.Audio with { Length = 7200 * 16_000 } };

        Assert.True(CallbackBody.Documented(twoHours, new CallbackOptions()).Length > 100_000);
    }

    public static TheoryData<string> PythonBodies => new(
        "documented.json", "captured.json", "mandarin.json", "nul-and-surrogate.json", "custom-items.json", "payload-as-string.json", "null-ratings.json", "two-hours.json");

    [Theory]
    [MemberData(nameof(PythonBodies))]
    public void What_Python_wrote_is_written_anew_as_the_same_bytes(string sample)
    {
        var body = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", sample));

        Assert.Equal(Encoding.UTF8.GetString(body), Encoding.UTF8.GetString(PythonForm.Of(body, ensureAscii: true)!));
    }

    [Fact]
    public void What_Python_wrote_as_raw_UTF8_is_written_anew_as_the_same_bytes()
    {
        var body = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", "mandarin-utf8.json"));

        Assert.Equal(Encoding.UTF8.GetString(body), Encoding.UTF8.GetString(PythonForm.Of(body, ensureAscii: false)!));
    }
}
