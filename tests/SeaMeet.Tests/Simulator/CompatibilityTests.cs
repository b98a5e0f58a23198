using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.Simulator;

/// <summary>The simulator under the requests of the vendor's document: its tables' and its script's.</summary>
public sealed class CompatibilityTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    private const string Workspace = "/seameet-api/api/v1/workspaces/demo";

    private SimulatorProcess Simulator => fixture.Simulator;

    [Fact]
    public async Task The_documents_requests_lead_from_meeting_to_job()
    {
        var meeting = await JsonAsync(HttpStatusCode.OK, HttpMethod.Post, Workspace + "/meetings",
            """{"meeting_name":"call_1","channel_type":"PHONE","language":"zh-TW","start_time":"2024-05-30T21:53:34","resource_metadata":{"call_id":"123"}}""");
        var id = (string)meeting["id"]!;
        var upload = await JsonAsync(HttpStatusCode.OK, HttpMethod.Post, $"{Workspace}/meetings/{id}/upload_audio_url", """{"name":"file_name.wav"}""");
        await PutAsync((string)upload["upload_audio_url"]!);
        var started = await JsonAsync(HttpStatusCode.Accepted, HttpMethod.Post, $"{Workspace}/meetings/{id}/analyze_audio",
            """
            {"channels":1,"file_name":"file_name.wav","audio_start_offset":10.5,"audio_format":"wav","audio_sample_rate":8000,"audio_encoding":"pcm_s16le",
            "scenario":"customer_service_call","scenario_parameters":{"customer_number":"0933123456","went_to_voicemail":false,"spoke_to_agent":true},
            "speaker_accounts":["kontak_customer_181"],"diarization_options":"by_server"}
            """);
        var job = await JsonAsync(HttpStatusCode.OK, HttpMethod.Get, $"{Workspace}/jobs/{started["job"]!["id"]}");

        Assert.StartsWith("seax_", id, StringComparison.Ordinal);
        Assert.Equal(["id", "owner_id", "name", "participants_number", "status", "start_time", "language", "duration", "flag", "channel_type"], meeting.Select(member => member.Key));
        Assert.Equal(("INITIAL", "WAITING", "2024-05-30T21:53:34.000000"), ((string?)meeting["status"], (string?)meeting["flag"], (string?)meeting["start_time"]));
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$", (string?)upload["expired_time"]);
        Assert.Equal("QUEUED", (string?)started["job"]!["status"]);
        Assert.Equal(10.5, (double?)job["parameters"]!["audio_start_offset"]);
        Assert.Equal((id, "demo"), ((string?)job["relations"]!["meeting_id"], (string?)job["relations"]!["workspace_id"]));
        Assert.True(job.ContainsKey("result"));
        Assert.Null(job["result"]);
    }

    [Fact]
    public async Task The_scripts_requests_lead_from_meeting_to_job()
    {
        var meeting = await JsonAsync(HttpStatusCode.OK, HttpMethod.Post, Workspace + "/meetings",
            """{"meeting_name": "test meeting", "channel_type": "PHONE", "language": "zh-TW", "start_time": "2024-05-30 21:53:34"}""");
        var id = (string)meeting["id"]!;
        var upload = await JsonAsync(HttpStatusCode.OK, HttpMethod.Post, $"{Workspace}/meetings/{id}/upload_audio_url?file_name=test.wav", "{}");
        await PutAsync((string)upload["upload_audio_url"]!);

        await JsonAsync(HttpStatusCode.Accepted, HttpMethod.Post, $"{Workspace}/meetings/{id}/analyze_audio",
            $$"""
            {"meeting_id": "{{id}}", "channel": 1, "audio_start_offset": 0, "audio_format": "wav", "audio_sample_rate": 8000, "audio_encoding": "pcm_s8le",
            "scenario": "customer_service_call", "scenario_parameters": {"went_to_voicemail": false, "contains_recordings": false, "spoke_to_agent": false,
            "customer_number": "0933123456", "customer_name": "customer", "agent_name": "agent", "enable_agent_recognition": true, "direction": null},
            "file_name": "test.wav", "speaker_accounts": [], "diarization_options": "by_server", "num_speakers": 2, "enable_itn": true,
            "enable_punctuation": true, "use_existing_audio": false, "reset_meeting": false, "queue_type": "DEDICATED"}
            """);
    }

    [Fact]
    public async Task A_meeting_is_deleted_once()
    {
        var id = await CreateAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, $"{Workspace}/meetings/{id}")).StatusCode);
        await ErrorAsync(HttpStatusCode.BadRequest, "MeetingNotFoundError", HttpMethod.Delete, $"{Workspace}/meetings/{id}");
    }

    [Fact]
    public async Task What_the_document_names_as_errors_is_answered_so()
    {
        var id = await CreateAsync();

        await ErrorAsync(HttpStatusCode.BadRequest, "MeetingNotFoundError", HttpMethod.Post, $"{Workspace}/meetings/none/upload_audio_url", """{"name":"a.wav"}""");
        await ErrorAsync(HttpStatusCode.BadRequest, "AudioNotFoundError", HttpMethod.Post, $"{Workspace}/meetings/{id}/analyze_audio", """{"channels":1,"file_name":"a.wav"}""");
        await ErrorAsync(HttpStatusCode.NotFound, "The requested data does not exist.", HttpMethod.Get, $"{Workspace}/jobs/none");
    }

    [Theory]
    [InlineData("meetings", "nonsense")]
    [InlineData("meetings", "[]")]
    [InlineData("meetings", """{"channel_type":"PHONE","language":"zh-TW","start_time":"2024-05-30T21:53:34"}""")]
    [InlineData("meetings", """{"meeting_name":"a","channel_type":"VIDEO","language":"zh-TW","start_time":"2024-05-30T21:53:34"}""")]
    [InlineData("meetings", """{"meeting_name":"a","channel_type":"PHONE","language":"tlh","start_time":"2024-05-30T21:53:34"}""")]
    [InlineData("meetings", """{"meeting_name":"a","channel_type":"PHONE","language":"zh-TW","start_time":"soon"}""")]
    [InlineData("meetings", """{"meeting_name":"a","channel_type":"PHONE","language":"zh-TW","start_time":"2024-05-30T21:53:34","resource_metadata":"1"}""")]
    public async Task What_the_document_does_not_allow_is_refused(string path, string body) =>
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(HttpMethod.Post, $"{Workspace}/{path}", body)).StatusCode);

    [Theory]
    [InlineData("""{"file_name":"a.wav"}""")]
    [InlineData("""{"channels":3,"file_name":"a.wav"}""")]
    [InlineData("""{"channels":1,"file_name":"a.wav","scenario":"customer_service_call"}""")]
    [InlineData("""{"channels":1,"file_name":"a.wav","scenario_parameters":[]}""")]
    public async Task An_analysis_that_the_document_does_not_allow_is_refused(string body)
    {
        var id = await CreateAsync();

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(HttpMethod.Post, $"{Workspace}/meetings/{id}/analyze_audio", body)).StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Basic access-token-of-tests")]
    public async Task Without_the_token_nothing_is_answered(string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Workspace + "/jobs/1");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var answer = await Simulator.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task An_upload_url_with_another_name_or_without_signature_is_refused_as_S3_does()
    {
        var id = await CreateAsync();
        var upload = await JsonAsync(HttpStatusCode.OK, HttpMethod.Post, $"{Workspace}/meetings/{id}/upload_audio_url", """{"name":"a.wav"}""");
        var url = (string)upload["upload_audio_url"]!;

        foreach (var forged in (string[])[url.Replace("a.wav", "b.wav", StringComparison.Ordinal), url.Split('?')[0]])
        {
            using var answer = await Simulator.Http.PutAsync(new Uri(forged), new ByteArrayContent([1]));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("<Code>AccessDenied</Code>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/simulator/meetings")]
    [InlineData("/nothing/here")]
    [InlineData(Workspace + "/jobs/1")]
    public async Task Every_answer_says_that_it_comes_from_a_simulator(string path)
    {
        using var answer = await Simulator.Http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal("This is a simulator, not SeaMeet", Assert.Single(answer.Headers.GetValues("X-Simulator")));
    }

    private async Task<string> CreateAsync() => (string)(await JsonAsync(HttpStatusCode.OK, HttpMethod.Post, Workspace + "/meetings",
        """{"meeting_name":"call","channel_type":"PHONE","language":"en-US","start_time":"2024-05-30T21:53:34"}"""))["id"]!;

    private async Task PutAsync(string url)
    {
        using var answer = await Simulator.Http.PutAsync(new Uri(url), new ByteArrayContent([1, 2, 3]));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task ErrorAsync(HttpStatusCode status, string detail, HttpMethod method, string path, string? body = null) =>
        Assert.Equal(detail, (string?)(await JsonAsync(status, method, path, body))["detail"]);

    private async Task<JsonObject> JsonAsync(HttpStatusCode expected, HttpMethod method, string path, string? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SimulatorProcess.AccessToken);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Simulator.Http.SendAsync(request);
    }
}
