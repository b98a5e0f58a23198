using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.Client;

/// <summary>The client against the shapes of the vendor's document.</summary>
public sealed class DocumentTests : IDisposable
{
    private const string Root = "https://seameet.test/seameet-api/api/v1/workspaces/55c09c56-9f99-4da2-bba4-da4722759e02";

    private readonly RecordedSeaMeet seaMeet = new();

    [Fact]
    public async Task Creating_a_meeting_sends_the_documented_body_with_the_time_in_UTC()
    {
        seaMeet.Answers(HttpStatusCode.OK, DocumentExamples.Meeting);

        await seaMeet.Client.CreateMeetingAsync(RecordedSeaMeet.Workspace, new NewMeeting
        {
            Name = "call_1",
            Language = MeetingLanguage.MandarinTaiwan,
            StartTime = new DateTimeOffset(2024, 5, 31, 5, 53, 34, 999, TimeSpan.FromHours(8)),
            ResourceMetadata = new JsonObject { ["call_id"] = "123" },
        });

        var call = Assert.Single(seaMeet.Calls);
        Assert.Equal(("POST", Root + "/meetings"), (call.Method, call.Url));
        Assert.Contains("Authorization: Bearer token-of-tests", call.Headers, StringComparison.Ordinal);
        Assert.Contains("Accept: application/json", call.Headers, StringComparison.Ordinal);
        AssertJson(
            """{"meeting_name":"call_1","channel_type":"PHONE","language":"zh-TW","start_time":"2024-05-30T21:53:34","resource_metadata":{"call_id":"123"}}""",
            call.Body);
    }

    [Fact]
    public async Task The_documents_meeting_is_read_whole()
    {
        seaMeet.Answers(HttpStatusCode.OK, DocumentExamples.Meeting);

        var meeting = await seaMeet.Client.CreateMeetingAsync(RecordedSeaMeet.Workspace, AnyMeeting());

        Assert.Equal("seax_139953cfd9e612d6c7827ccebdd7c50c", meeting.Id);
        Assert.Equal(("useraccount", "Meeting Name", 0, 0d, "WAITING"), (meeting.OwnerId, meeting.Name, meeting.ParticipantsNumber, meeting.Duration, meeting.Flag));
        Assert.Equal((MeetingStatus.Initial, MeetingLanguage.EnglishUnitedStates, ChannelType.Phone), (meeting.Status, meeting.Language, meeting.ChannelType));
        Assert.Equal(new DateTimeOffset(2022, 12, 7, 10, 11, 42, TimeSpan.Zero).AddTicks(5_203_270), meeting.StartTime);
    }

    [Theory]
    [InlineData("\"2024-05-30T21:53:34\"", "2024-05-30T21:53:34Z")]
    [InlineData("\"2024-05-30 21:53:34\"", "2024-05-30T21:53:34Z")]
    [InlineData("\"2024-05-30T21:53:34Z\"", "2024-05-30T21:53:34Z")]
    [InlineData("\"2024-05-31T05:53:34+08:00\"", "2024-05-30T21:53:34Z")]
    [InlineData("\"2024-05-30T21:53:34.5\"", "2024-05-30T21:53:34.5Z")]
    [InlineData("\"soon\"", null)]
    [InlineData("17", null)]
    [InlineData("null", null)]
    public async Task Either_form_of_a_time_is_read_and_no_time_spoils_the_rest(string written, string? expected)
    {
        seaMeet.Answers(HttpStatusCode.OK, $$"""{"upload_audio_url":"https://storage.test/","expired_time":{{written}}}""");

        var url = await seaMeet.Client.CreateUploadUrlAsync(RecordedSeaMeet.Workspace, "m", "a.wav");

        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), url.Expires);
    }

    [Fact]
    public async Task The_name_of_a_file_goes_into_the_body_for_the_document_and_into_the_query_for_its_script()
    {
        seaMeet.Answers(HttpStatusCode.OK, DocumentExamples.UploadUrl);

        var url = await seaMeet.Client.CreateUploadUrlAsync(RecordedSeaMeet.Workspace, "seax_1", "a b&c.wav");

        var call = Assert.Single(seaMeet.Calls);
        Assert.Equal(("POST", Root + "/meetings/seax_1/upload_audio_url?file_name=a%20b%26c.wav"), (call.Method, call.Url));
        AssertJson("""{"name":"a b&c.wav"}""", call.Body);
        Assert.Equal("https://storage.test/put?signature=1", url.Url.AbsoluteUri);
        Assert.DoesNotContain("signature", url.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_analysis_is_sent_with_every_parameter_of_document_and_script()
    {
        seaMeet.Answers(HttpStatusCode.Accepted, DocumentExamples.StartedJob);

        await seaMeet.Client.RunAnalysisAsync(RecordedSeaMeet.Workspace, "seax_1", new AnalysisRequest
        {
            Channels = 2,
            FileName = "file_name.wav",
            AudioStartOffset = 10.5,
            AudioFormat = "wav",
            AudioSampleRate = 8000,
            AudioEncoding = "pcm_s16le",
            CustomerServiceCall = new CustomerServiceCall
            {
                CustomerNumber = "0933123456",
                WentToVoicemail = false,
                ContainsRecordings = false,
                SpokeToAgent = true,
                CustomerName = "customer",
                AgentName = "agent",
                EnableAgentRecognition = true,
                Direction = CallDirection.Inbound,
            },
            ScenarioParameters = new JsonObject { ["num_speakers"] = 2 },
            SpeakerAccounts = ["kontak_customer_181"],
            DiarizationOptions = DiarizationOption.ByServer,
            NumSpeakers = 2,
            EnableItn = true,
            EnablePunctuation = true,
            UseExistingAudio = false,
            ResetMeeting = false,
            QueueType = QueueType.Dedicated,
        });

        var call = Assert.Single(seaMeet.Calls);
        Assert.Equal(("POST", Root + "/meetings/seax_1/analyze_audio"), (call.Method, call.Url));
        AssertJson(
            """
            {
              "meeting_id": "seax_1", "channels": 2, "channel": 2, "file_name": "file_name.wav", "audio_start_offset": 10.5, "audio_format": "wav",
              "audio_sample_rate": 8000, "audio_encoding": "pcm_s16le", "scenario": "customer_service_call",
              "scenario_parameters": {
                "customer_number": "0933123456", "went_to_voicemail": false, "contains_recordings": false, "spoke_to_agent": true,
                "customer_name": "customer", "agent_name": "agent", "enable_agent_recognition": true, "direction": "INBOUND", "num_speakers": 2
              },
              "speaker_accounts": ["kontak_customer_181"], "diarization_options": "by_server", "num_speakers": 2, "enable_itn": true,
              "enable_punctuation": true, "use_existing_audio": false, "reset_meeting": false, "queue_type": "DEDICATED"
            }
            """,
            call.Body);
    }

    [Fact]
    public async Task What_is_not_set_of_an_analysis_is_not_sent()
    {
        seaMeet.Answers(HttpStatusCode.Accepted, DocumentExamples.StartedJob);

        await seaMeet.Client.RunAnalysisAsync(RecordedSeaMeet.Workspace, "seax_1", new AnalysisRequest { Channels = 1 });

        AssertJson("""{"meeting_id":"seax_1","channels":1,"channel":1}""", Assert.Single(seaMeet.Calls).Body);
    }

    [Fact]
    public async Task A_job_is_read_wrapped_as_the_example_has_it()
    {
        seaMeet.Answers(HttpStatusCode.Accepted, DocumentExamples.StartedJob);

        var job = await seaMeet.Client.RunAnalysisAsync(RecordedSeaMeet.Workspace, "m", new AnalysisRequest { Channels = 1 });

        Assert.Equal(("55c09c56-9f99-4da2-bba4-da4722759e08", "MEETING_ANALYSIS", JobStatus.Queued), (job.Id, job.Type, job.Status));
        Assert.Equal("55c09c56-9f99-4da2-bba4-da4722759e01", job.Relations?.MeetingId);
        Assert.Equal(10.5, job.Parameters?.GetProperty("audio_start_offset").GetDouble());
        Assert.Null(job.ErrorMessage);
    }

    [Fact]
    public async Task A_job_is_read_bare_as_the_tables_have_it()
    {
        seaMeet.Answers(HttpStatusCode.Accepted, JsonNode.Parse(DocumentExamples.StartedJob, documentOptions: new JsonDocumentOptions { AllowTrailingCommas = true })!["job"]!.ToJsonString());

        var job = await seaMeet.Client.RunAnalysisAsync(RecordedSeaMeet.Workspace, "m", new AnalysisRequest { Channels = 1 });

        Assert.Equal(("55c09c56-9f99-4da2-bba4-da4722759e08", JobStatus.Queued), (job.Id, job.Status));
    }

    [Fact]
    public async Task Of_a_status_that_stands_twice_the_last_counts_as_in_other_parsers()
    {
        seaMeet.Answers(HttpStatusCode.OK, DocumentExamples.ReadJob);

        var job = await seaMeet.Client.GetJobAsync(RecordedSeaMeet.Workspace, "55c09c56-9f99-4da2-bba4-da4722759e08");

        Assert.Equal(JobStatus.Queued, job.Status);
        Assert.Equal(Root + "/jobs/55c09c56-9f99-4da2-bba4-da4722759e08", Assert.Single(seaMeet.Calls).Url);
    }

    [Fact]
    public async Task Words_that_are_not_known_are_kept()
    {
        seaMeet.Answers(HttpStatusCode.OK, """{"id":"j","status":"PAUSED","progress":50}""");
        seaMeet.Answers(HttpStatusCode.OK, """{"id":"m","status":"ARCHIVED","language":"tlh","channel_type":"VIDEO","color":"red"}""");

        var job = await seaMeet.Client.GetJobAsync(RecordedSeaMeet.Workspace, "j");
        var meeting = await seaMeet.Client.CreateMeetingAsync(RecordedSeaMeet.Workspace, AnyMeeting());

        Assert.Equal(("PAUSED", false, 50), (job.Status.Value, job.Status.IsEnd, job.Others!["progress"].GetInt32()));
        Assert.Equal(("ARCHIVED", "tlh", "VIDEO"), (meeting.Status?.Value, meeting.Language?.Value, meeting.ChannelType?.Value));
        Assert.Equal("red", meeting.Others!["color"].GetString());
        Assert.False(meeting.Language?.IsDocumented);
    }

    [Fact]
    public async Task Waiting_for_a_job_goes_on_over_unknown_states_until_it_ends()
    {
        foreach (var status in (string[])["QUEUED", "STARTED", "PAUSED", "FAILED"])
            seaMeet.Answers(HttpStatusCode.OK, $$"""{"id":"j","status":"{{status}}","error_message":"no speech"}""");
        var seen = new List<string>();

        var job = await seaMeet.Client.WaitForJobAsync(RecordedSeaMeet.Workspace, "j", TimeSpan.Zero, new Inline<Job>(job => seen.Add(job.Status.Value)));

        Assert.Equal((JobStatus.Failed, "no speech"), (job.Status, job.ErrorMessage));
        Assert.Equal(["QUEUED", "STARTED", "PAUSED", "FAILED"], seen);
    }

    [Fact]
    public void The_21_languages_and_12_formats_of_the_document_are_known()
    {
        Assert.Equal(21, MeetingLanguage.Documented.Count);
        Assert.Equal("Mandarin (Taiwan)", MeetingLanguage.Parse("ZH-tw").Name);
        Assert.Equal("zh-TW", MeetingLanguage.Parse("ZH-tw").Value);
        Assert.Equal(12, AudioFormat.Documented.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task An_id_that_would_lead_to_another_address_is_refused(string id)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => seaMeet.Client.DeleteMeetingAsync(RecordedSeaMeet.Workspace, id));

        Assert.Empty(seaMeet.Calls);
    }

    [Fact]
    public async Task An_id_with_a_slash_stays_one_segment()
    {
        seaMeet.Answers(HttpStatusCode.NoContent);

        await seaMeet.Client.DeleteMeetingAsync(RecordedSeaMeet.Workspace, "../jobs/1");

        Assert.Equal(("DELETE", Root + "/meetings/..%2Fjobs%2F1"), (seaMeet.Calls[0].Method, seaMeet.Calls[0].Url));
    }

    public void Dispose() => seaMeet.Dispose();

    internal static NewMeeting AnyMeeting() => new() { Name = "call", Language = MeetingLanguage.EnglishUnitedStates, StartTime = DateTimeOffset.UnixEpoch };

    private static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), $"expected: {expected}\nactual: {actual}");

    internal sealed class Inline<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
