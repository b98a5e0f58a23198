using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Polly.Timeout;

namespace SeaMeet;

/// <summary>
/// The SeaMeet API, call by call. Failures for the moment are repeated where that is safe; what is left is a
/// <see cref="SeaMeetException"/>.
/// </summary>
public sealed class SeaMeetClient
{
    private readonly IHttpClientFactory clients;
    private readonly SeaMeetOptions options;
    private readonly TimeProvider time;
    private readonly string root;

    internal SeaMeetClient(IHttpClientFactory clients, IOptions<SeaMeetOptions> options, TimeProvider time)
    {
        this.clients = clients;
        this.options = options.Value;
        this.time = time;
        root = this.options.Address.AbsoluteUri.TrimEnd('/') + "/api/v1/workspaces/";
    }

    /// <summary>Creates a meeting. It is never created twice: see <see cref="SeaMeetException.MayHaveBeenDone"/>.</summary>
    public async Task<Meeting> CreateMeetingAsync(string workspaceId, NewMeeting meeting, CancellationToken cancellationToken = default)
    {
        using var call = Call(HttpMethod.Post, $"{Segment(workspaceId)}/meetings");
        call.Content = Body(CreateMeetingBody.Of(meeting), WireJson.Default.CreateMeetingBody);
        call.Options.Set(Repetition.OnceOnly, true);
        var answer = await SendAsync(call, "The meeting cannot be created", AnswerReader.OfCreating, cancellationToken);
        return AnswerReader.Read(answer, WireJson.Default.Meeting, "The meeting was created, but SeaMeet's answer cannot be read", mayHaveBeenDone: true);
    }

    /// <summary>Deletes a meeting.</summary>
    public async Task DeleteMeetingAsync(string workspaceId, string meetingId, CancellationToken cancellationToken = default)
    {
        using var call = Call(HttpMethod.Delete, $"{Segment(workspaceId)}/meetings/{Segment(meetingId)}");
        try
        {
            await SendAsync(call, $"The meeting {meetingId} cannot be deleted", AnswerReader.OfMeeting, cancellationToken);
        }
        catch (SeaMeetException missing) when (missing.Error == SeaMeetError.MeetingNotFound && call.Options.TryGetValue(Repetition.WasAttempted, out var attempted) && attempted)
        {
            // The attempt before this one deleted it, and its answer was lost.
        }
    }

    /// <summary>Asks for an address to upload a recording to. <see cref="UploadAsync(string, string, AudioFile, string?, IProgress{UploadProgress}?, CancellationToken)"/> does this by itself.</summary>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="meetingId">The meeting.</param>
    /// <param name="fileName">The name of the recording within the meeting.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<UploadUrl> CreateUploadUrlAsync(string workspaceId, string meetingId, string fileName, CancellationToken cancellationToken = default)
    {
        using var call = Call(HttpMethod.Post, $"{Segment(workspaceId)}/meetings/{Segment(meetingId)}/upload_audio_url?file_name={Uri.EscapeDataString(fileName)}");
        call.Content = Body(new UploadUrlBody(fileName), WireJson.Default.UploadUrlBody);
        var answer = await SendAsync(call, $"There is no upload URL for the meeting {meetingId}", AnswerReader.OfUploadUrl, cancellationToken);
        return AnswerReader.Read(answer, WireJson.Default.UploadUrl, $"The upload URL for the meeting {meetingId} cannot be read");
    }

    /// <summary>Uploads a recording, from disk, to an address that was asked for before.</summary>
    public async Task UploadAsync(UploadUrl url, AudioFile file, IProgress<UploadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var call = new HttpRequestMessage(HttpMethod.Put, url.Url) { Content = new FileContent(file.Path, file.Length, progress) };
        try
        {
            await SendAsync(call, $"'{file.Name}' cannot be uploaded", AnswerReader.OfStorage, cancellationToken, SeaMeetSetup.StorageClient);
        }
        catch (SeaMeetException wrapped) when (wrapped.InnerException?.InnerException is AudioException ofTheFile)
        {
            throw ofTheFile;
        }
    }

    /// <summary>
    /// Asks for an address and uploads a recording to it. An address that has expired meanwhile is asked for once more. Where the meeting has
    /// a recording of the name already, as after an upload whose end was not noted, another name is taken.
    /// </summary>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="meetingId">The meeting.</param>
    /// <param name="file">The recording.</param>
    /// <param name="fileName">The name of the recording within the meeting; the file's own where it is null.</param>
    /// <param name="progress">Told of every piece that is sent.</param>
    /// <param name="cancellationToken">Breaks the upload off.</param>
    /// <returns>The name under which it was uploaded, which <see cref="AnalysisRequest.FileName"/> has to be.</returns>
    public async Task<string> UploadAsync(
        string workspaceId, string meetingId, AudioFile file, string? fileName = null, IProgress<UploadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var name = fileName ?? file.Name;
        UploadUrl url;
        try
        {
            url = await CreateUploadUrlAsync(workspaceId, meetingId, name, cancellationToken);
        }
        catch (SeaMeetException conflict) when (conflict.Error == SeaMeetError.NameConflict)
        {
            name = $"{Path.GetFileNameWithoutExtension(name)}-{time.GetUtcNow():yyyyMMddHHmmssfff}{Path.GetExtension(name)}";
            url = await CreateUploadUrlAsync(workspaceId, meetingId, name, cancellationToken);
        }

        try
        {
            await UploadAsync(url, file, progress, cancellationToken);
        }
        catch (SeaMeetException expired) when (expired.Error == SeaMeetError.UploadExpired)
        {
            url = await CreateUploadUrlAsync(workspaceId, meetingId, name, cancellationToken);
            await UploadAsync(url, file, progress, cancellationToken);
        }

        return name;
    }

    /// <summary>Starts the analysis of a recording. It is never started twice: see <see cref="SeaMeetException.MayHaveBeenDone"/>.</summary>
    /// <returns>The job, as it is at its start.</returns>
    public async Task<Job> RunAnalysisAsync(string workspaceId, string meetingId, AnalysisRequest request, CancellationToken cancellationToken = default)
    {
        using var call = Call(HttpMethod.Post, $"{Segment(workspaceId)}/meetings/{Segment(meetingId)}/analyze_audio");
        call.Content = Body(AnalyzeAudioBody.Of(meetingId, request), WireJson.Default.AnalyzeAudioBody);
        call.Options.Set(Repetition.OnceOnly, true);
        var answer = await SendAsync(call, $"The analysis of the meeting {meetingId} cannot be started", AnswerReader.OfAnalysis, cancellationToken);
        return AnswerReader.ReadJob(answer, $"The analysis of the meeting {meetingId} was started, but SeaMeet's answer cannot be read", mayHaveBeenDone: true);
    }

    /// <summary>Asks where a job is.</summary>
    public async Task<Job> GetJobAsync(string workspaceId, string jobId, CancellationToken cancellationToken = default)
    {
        using var call = Call(HttpMethod.Get, $"{Segment(workspaceId)}/jobs/{Segment(jobId)}");
        var answer = await SendAsync(call, $"The job {jobId} cannot be read", AnswerReader.OfJob, cancellationToken);
        return AnswerReader.ReadJob(answer, $"SeaMeet's answer about the job {jobId} cannot be read");
    }

    /// <summary>Asks for a job again and again until it has ended, well or not.</summary>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="interval">The pause between two questions.</param>
    /// <param name="progress">Told of each answer.</param>
    /// <param name="cancellationToken">Ends the waiting; the job goes on.</param>
    public async Task<Job> WaitForJobAsync(
        string workspaceId, string jobId, TimeSpan interval, IProgress<Job>? progress = null, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var job = await GetJobAsync(workspaceId, jobId, cancellationToken);
            progress?.Report(job);
            if (job.Status.IsEnd)
                return job;
            await Task.Delay(interval, time, cancellationToken);
        }
    }

    private HttpRequestMessage Call(HttpMethod method, string path)
    {
        var call = new HttpRequestMessage(method, new Uri(root + path));
        call.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.AccessToken);
        return call;
    }

    private static ByteArrayContent Body<T>(T value, JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    /// <summary>An id as part of a path, where it cannot lead elsewhere.</summary>
    private static string Segment(string id) =>
        id is { Length: > 0 } and not ("." or "..") ? Uri.EscapeDataString(id) : throw new ArgumentException($"'{id}' is no id of SeaMeet's.", nameof(id));

    /// <returns>The body of a good answer.</returns>
    private async Task<byte[]> SendAsync(
        HttpRequestMessage call, string failure, Func<Refusal, SeaMeetError> meaning, CancellationToken cancellationToken, string client = SeaMeetSetup.ApiClient)
    {
        var onceOnly = call.Options.TryGetValue(Repetition.OnceOnly, out var once) && once;
        try
        {
            using var http = clients.CreateClient(client);
            using var answer = await http.SendAsync(call, cancellationToken);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            if (answer.IsSuccessStatusCode)
                return body;
            var refusal = new Refusal(answer.StatusCode, body);
            throw new SeaMeetException(meaning(refusal), $"{failure}: {refusal.Describe()}")
            {
                Status = answer.StatusCode,
                MayHaveBeenDone = onceOnly && Repetition.MayHaveBeenDone(answer.StatusCode),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException)
        {
            throw new SeaMeetException(SeaMeetError.Unavailable, $"{failure}: {call.RequestUri!.GetLeftPart(UriPartial.Authority)} {Describe(exception)}", exception)
            {
                MayHaveBeenDone = onceOnly && Repetition.MayHaveBeenDone(exception),
            };
        }
    }

    private static string Describe(Exception exception) => exception switch
    {
        TimeoutRejectedException timeout => $"did not answer within {timeout.Timeout.TotalSeconds:0} seconds.",
        { InnerException: { } inner } => $"does not answer: {exception.Message} {inner.Message}",
        _ => $"does not answer: {exception.Message}",
    };
}
