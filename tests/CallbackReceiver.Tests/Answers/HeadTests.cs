using System.Net.Sockets;
using System.Text;
using CallbackReceiver.Answers;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CallbackReceiver.Tests.Answers;

/// <summary>HEAD is GET without the body, on every route of the query API.</summary>
public sealed class HeadTests(Receiver receiver) : IClassFixture<Receiver>
{
    private ReceiverProcess Service => receiver.Service;

    [Fact]
    public async Task Head_answers_as_get_does_on_every_route_of_the_document()
    {
        var delivery = (await Service.PostAsync("demo", new CallbackBuilder("known").Build())).DeliveryId;
        var paths = (await Service.GetAsync("/swagger/v1/swagger.json", apiKey: null)).Json.GetProperty("paths").EnumerateObject()
            .Where(path => path.Value.TryGetProperty("get", out _))
            .Select(path => path.Name
                .Replace("{workspace_id}", "demo", StringComparison.Ordinal)
                .Replace("{meeting_id}", "known", StringComparison.Ordinal)
                .Replace("{revision}", "1", StringComparison.Ordinal)
                .Replace("{delivery_id}", delivery.ToString(), StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(paths);
        foreach (var path in paths)
        {
            Assert.DoesNotContain("{", path, StringComparison.Ordinal);
            foreach (var (apiKey, encoding) in new[] { (Keys.ApiAll, "identity"), (Keys.ApiAll, "br"), (Keys.ApiDemo, "gzip"), ("wrong", "gzip") })
            {
                var get = await HeadersAsync(HttpMethod.Get, path, apiKey, encoding);
                Assert.Equal(get, await HeadersAsync(HttpMethod.Head, path, apiKey, encoding));
                Assert.Contains("Cache-Control: ", get, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task The_connection_goes_on_after_an_answer_without_a_body()
    {
        await Service.PostAsync("demo", new CallbackBuilder("long").Payload("summary", new string('x', 300_000)).Build());
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(Service.Address.Host, Service.Address.Port);

        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{Head("HEAD", "keep-alive")}{Head("GET", "close")}"));
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        var answers = await reader.ReadToEndAsync();

        Assert.Equal(2, answers.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.DoesNotContain("xxxx", answers[..answers.LastIndexOf("HTTP/1.1 200 OK", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.InRange(answers.Count('x'), 300_000, 301_000); // in several chunks

        string Head(string method, string connection) =>
            $"{method} /api/v1/workspaces/demo/meetings/long HTTP/1.1\r\nHost: {Service.Address.Authority}\r\nAuthorization: Bearer {Keys.ApiAll}\r\nConnection: {connection}\r\n\r\n";
    }

    [Fact]
    public async Task Head_is_not_for_the_receiving_endpoint_nor_for_what_changes_something()
    {
        Assert.Equal(405, (await Service.RequestAsync(HttpMethod.Head, "/callbacks/demo", null)).Status);
        Assert.Equal(405, (await Service.RequestAsync(HttpMethod.Head, $"/api/v1/workspaces/demo/deliveries/{Guid.NewGuid()}/replay", Keys.ApiAll)).Status);
    }

    /// <summary>Of routes that stream, as those do that are not of this service's own.</summary>
    [Theory]
    [InlineData("/events", "text/event-stream")]
    [InlineData("/endless", "application/x-ndjson")]
    public async Task A_stream_without_end_is_ended(string path, string contentType)
    {
        var ended = new TaskCompletionSource();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseMiddleware<HeadAnswers>();
        var routes = app.MapGroup("");
        HeadAnswers.AllowOn(routes);
        routes.MapGet("/events", (CancellationToken gone) => TypedResults.ServerSentEvents(Nothing(gone)));
        routes.MapGet("/endless", async (HttpContext http) =>
        {
            http.Response.ContentType = "application/x-ndjson";
            try
            {
                while (true)
                    await http.Response.WriteAsync(new string('x', 1000), http.RequestAborted);
            }
            finally
            {
                ended.TrySetResult();
            }
        });
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = Eventually.Limit };

        using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        await ended.Task.WaitAsync(Eventually.Limit);

        Assert.Equal((200, contentType), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));

        async IAsyncEnumerable<string> Nothing([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken gone)
        {
            try
            {
                await Task.Delay(Timeout.Infinite, gone);
                yield break;
            }
            finally
            {
                ended.TrySetResult();
            }
        }
    }

    /// <summary>Status and headers, without those that are of the moment or of the way in which a body is sent. Reads no body, which may not end.</summary>
    private async Task<string> HeadersAsync(HttpMethod method, string path, string apiKey, string encoding)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "Authorization", "Bearer " + apiKey }, { "Accept-Encoding", encoding } } };
        using var response = await Service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return $"{(int)response.StatusCode}\n" + string.Join('\n', response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key is not ("Date" or "Transfer-Encoding"))
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}")
            .Order(StringComparer.Ordinal));
    }
}
