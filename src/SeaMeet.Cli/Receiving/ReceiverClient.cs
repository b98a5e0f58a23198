using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace SeaMeet.Cli.Receiving;

/// <summary>Reads analyses from the callback receiver's query API.</summary>
internal sealed class ReceiverClient : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient http;
    private readonly string meetings;

    public ReceiverClient(Uri address, string apiKey, string workspaceId)
    {
        http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = CallTimeout };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        meetings = $"{address.AbsoluteUri.TrimEnd('/')}/api/v1/workspaces/{Uri.EscapeDataString(workspaceId)}/meetings";
    }

    /// <summary>Makes sure that the receiver is there and shows the workspace, before anything is created for which it is needed.</summary>
    /// <exception cref="CommandException">It is not, or does not.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var answer = await GetAsync(meetings + "?limit=1", cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            throw new CommandException(ExitCode.ReceiverRefused, $"The receiver at {meetings} does not show this workspace to this API key.");
    }

    /// <returns>The meeting with its transcript; null where the receiver does not have it (yet).</returns>
    /// <exception cref="CommandException">The receiver does not answer, or does not take the key.</exception>
    public async Task<JsonElement?> FindAsync(string meetingId, CancellationToken cancellationToken)
    {
        using var answer = await GetAsync($"{meetings}/{Uri.EscapeDataString(meetingId)}", cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        try
        {
            return JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (JsonException)
        {
            throw new CommandException(ExitCode.ReceiverRefused, $"What answers at {meetings} is no callback receiver.");
        }
    }

    /// <summary>Waits until the receiver has an analysis other than the one it had before.</summary>
    /// <param name="meetingId">The meeting.</param>
    /// <param name="knownDelivery">The delivery of the analysis that it had; null where it had none.</param>
    /// <param name="interval">The pause between two questions.</param>
    /// <param name="limit">How long to wait. A receiver that is away meanwhile is waited for too.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<JsonElement> WaitForAsync(string meetingId, string? knownDelivery, TimeSpan interval, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            CommandException? away = null;
            try
            {
                if (await FindAsync(meetingId, cancellationToken) is { } meeting && DeliveryOf(meeting) != knownDelivery)
                    return meeting;
            }
            catch (CommandException exception) when (exception.ExitCode == ExitCode.ReceiverUnreachable)
            {
                away = exception;
            }

            if (TimeProvider.System.GetElapsedTime(started) > limit)
                throw away ?? new CommandException(ExitCode.NotArrived, $"The analysis of the meeting {meetingId} has not arrived at the receiver within {limit.TotalSeconds:0} seconds.");
            await Task.Delay(interval, cancellationToken);
        }
    }

    public static string? DeliveryOf(JsonElement? meeting) =>
        meeting is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty("delivery_id", out var id) ? id.ToString() : null;

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> GetAsync(string address, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await http.GetAsync(new Uri(address), cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CommandException(ExitCode.ReceiverUnreachable, $"The receiver at {meetings} cannot be reached: {exception.Message}");
        }

        if (answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.NotFound)
            return answer;
        using (answer)
        {
            throw answer.StatusCode >= HttpStatusCode.InternalServerError || answer.StatusCode == HttpStatusCode.TooManyRequests
                ? new CommandException(ExitCode.ReceiverUnreachable, $"The receiver at {meetings} answers {(int)answer.StatusCode}.")
                : new CommandException(ExitCode.ReceiverRefused, $"The receiver at {meetings} answers {(int)answer.StatusCode}: it does not take this API key.");
        }
    }
}
