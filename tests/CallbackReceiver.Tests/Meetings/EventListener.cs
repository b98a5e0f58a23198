using System.Globalization;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Listens to a workspace's events.</summary>
internal sealed class EventListener : IAsyncDisposable
{
    private readonly HttpClient http;
    private readonly HttpResponseMessage response;
    private readonly IAsyncEnumerator<SseItem<string>> items;

    private EventListener(HttpClient http, HttpResponseMessage response, Stream body)
    {
        (this.http, this.response) = (http, response);
        items = SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
    }

    public IEnumerable<string> HeaderLines => response.Headers.Concat(response.Content.Headers).Select(header => $"{header.Key}: {string.Join(", ", header.Value)}");

    /// <summary>Starts to listen, and waits until what is committed from then on is heard.</summary>
    /// <param name="service">The service.</param>
    /// <param name="lastEventId">What the header says, as a browser does; null for no header.</param>
    /// <param name="query">The query.</param>
    public static async Task<EventListener> StartAsync(Uri service, long? lastEventId = null, string query = "")
    {
        var http = new HttpClient { BaseAddress = service, Timeout = Eventually.Limit };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/workspaces/demo/events" + query)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Keys.ApiDemo) },
        };
        if (lastEventId is { } id)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        if (response.StatusCode != System.Net.HttpStatusCode.OK)
            Assert.Fail($"{response.StatusCode}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new EventListener(http, response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <returns>The next event, its id a number; null where the stream has ended as it should.</returns>
    public async Task<(string Type, long Id, string Data)?> ReadAsync() =>
        await items.MoveNextAsync().AsTask().WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken)
            ? (items.Current.EventType, long.Parse(items.Current.EventId!, CultureInfo.InvariantCulture), items.Current.Data)
            : null;

    /// <summary>Reads on until something but a heartbeat comes.</summary>
    public async Task<(string Type, long Id, string Data)> ReadNewsAsync()
    {
        while (await ReadAsync() is { } happened)
        {
            if (happened.Type != "heartbeat")
                return happened;
        }

        throw new EndOfStreamException("The stream has ended.");
    }

    /// <summary>Reads on until the next meeting.</summary>
    public async Task<(long Id, JsonElement Meeting)> ReadMeetingAsync()
    {
        var (type, id, data) = await ReadNewsAsync();
        Assert.Equal("meeting", type);
        return (id, JsonElement.Parse(data));
    }

    public async ValueTask DisposeAsync()
    {
        response.Dispose();
        http.Dispose();
        try
        {
            await items.DisposeAsync();
        }
        catch (Exception exception) when (exception is IOException or NotSupportedException or ObjectDisposedException)
        {
            // It was being read.
        }
    }
}
