using System.Net.Http.Headers;
using System.Text;
using SeaMeet.Simulator.Jobs;

namespace SeaMeet.Simulator.Callbacks;

/// <summary>Signs and sends callbacks, once each, with the faults it is told to make.</summary>
internal sealed partial class CallbackSender(
    IHttpClientFactory clients, SimulatorOptions options, Chance chance, SentCallbacks sent, TimeProvider time, ILogger<CallbackSender> logger)
{
    public const string Client = "callbacks";

    private readonly Lock gate = new();
    private TaskCompletionSource nextSent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CallbackOptions Options => options.Callbacks;

    public async Task SendAsync(SimulatedJob job, CancellationToken cancellationToken)
    {
        var workspace = options.Workspaces[job.Meeting.WorkspaceId];
        if (workspace.CallbackUrl is not { } url)
            return;
        await Task.Delay(Options.Delay, time, cancellationToken);
        foreach (var body in Bodies(job))
        {
            if (chance.Happens(Options.DropRate))
            {
                LogDropped(logger, job.Meeting.Id);
                continue;
            }

            if (chance.Happens(Options.ReorderRate))
                await WaitForLaterOneAsync(cancellationToken);
            var signature = CallbackSignature.Sign(body, chance.Happens(Options.WrongKeyRate) ? "not" + workspace.SigningKey[3..] : workspace.SigningKey);
            for (var copies = chance.Happens(Options.DuplicateRate) ? 2 : 1; copies > 0; copies--)
                await PostAsync(url, job, body, signature, cancellationToken);
        }
    }

    private IEnumerable<byte[]> Bodies(SimulatedJob job)
    {
        if (Options.Envelope is Envelope.Documented or Envelope.Both)
            yield return CallbackBody.Documented(job, Options);
        if (Options.Envelope is Envelope.Captured or Envelope.Both)
            yield return CallbackBody.Captured(job, Options);
    }

    private async Task PostAsync(Uri url, SimulatedJob job, byte[] body, string signature, CancellationToken cancellationToken)
    {
        string answer;
        try
        {
            using var http = clients.CreateClient(Client);
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Accept.ParseAdd("*/*");
            request.Headers.UserAgent.ParseAdd("SeaMeet.Simulator");
            request.Headers.Add(CallbackSignature.HeaderName, signature);
            using var response = await http.SendAsync(request, cancellationToken);
            answer = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}";
            LogSent(logger, job.Meeting.Id, (int)response.StatusCode);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            answer = exception.Message;
            LogLost(logger, job.Meeting.Id, url, exception.Message);
        }

        sent.Add(new SentCallback(job.Meeting.WorkspaceId, job.Meeting.Id, signature, Encoding.UTF8.GetString(body), answer));
        TaskCompletionSource waited;
        lock (gate)
            (waited, nextSent) = (nextSent, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        waited.SetResult();
    }

    private async Task WaitForLaterOneAsync(CancellationToken cancellationToken)
    {
        Task later;
        lock (gate)
            later = nextSent.Task;
        await Task.WhenAny(later, Task.Delay(Options.ReorderDelay, time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(10, LogLevel.Information, "Callback of meeting {MeetingId} sent, answered {Status}")]
    private static partial void LogSent(ILogger logger, string meetingId, int status);

    [LoggerMessage(11, LogLevel.Warning, "Callback of meeting {MeetingId} to {Url} is lost, as SeaMeet would lose it: {Reason}")]
    private static partial void LogLost(ILogger logger, string meetingId, Uri url, string reason);

    [LoggerMessage(12, LogLevel.Information, "Callback of meeting {MeetingId} dropped, as the simulator was told to")]
    private static partial void LogDropped(ILogger logger, string meetingId);
}
