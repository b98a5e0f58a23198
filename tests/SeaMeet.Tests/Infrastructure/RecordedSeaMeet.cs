using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace SeaMeet.Tests.Infrastructure;

/// <summary>Answers a client's calls with recorded answers, one after another, and keeps the calls.</summary>
internal sealed class RecordedSeaMeet : HttpMessageHandler
{
    public const string Workspace = "55c09c56-9f99-4da2-bba4-da4722759e02";
    public const string Token = "token-of-tests";

    private readonly Queue<Func<HttpRequestMessage, HttpResponseMessage>> answers = new();

    public List<RecordedCall> Calls { get; } = [];

    /// <summary>A client that speaks with this, and does not pause before it repeats.</summary>
    public SeaMeetClient Client
    {
        get
        {
            var services = new ServiceCollection();
            services.AddSeaMeet(options =>
            {
                options.Address = new Uri("https://seameet.test/seameet-api/");
                options.AccessToken = Token;
                options.Repetitions = 3;
                options.RepetitionDelay = TimeSpan.Zero;
            });
            services.AddHttpClient(SeaMeetSetup.ApiClient).ConfigurePrimaryHttpMessageHandler(() => this);
            services.AddHttpClient(SeaMeetSetup.StorageClient).ConfigurePrimaryHttpMessageHandler(() => this);
            return services.BuildServiceProvider().GetRequiredService<SeaMeetClient>();
        }
    }

    public RecordedSeaMeet Answers(HttpStatusCode status, string body = "", string contentType = "application/json")
    {
        answers.Enqueue(_ => new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, contentType) });
        return this;
    }

    public RecordedSeaMeet Redirects(string to)
    {
        answers.Enqueue(_ => new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri(to) } });
        return this;
    }

    /// <summary>There is no answer.</summary>
    public RecordedSeaMeet Breaks(HttpRequestError error)
    {
        answers.Enqueue(_ => throw new HttpRequestException(error, "it broke"));
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Calls.Add(new RecordedCall(request.Method.Method, request.RequestUri!.AbsoluteUri, body, request.Headers.ToString(), request.Content?.Headers.ToString() ?? ""));
        var answer = answers.TryDequeue(out var next) ? next(request) : throw new InvalidOperationException($"No answer is recorded for {request.Method} {request.RequestUri}.");
        answer.RequestMessage = request;
        return answer;
    }
}

/// <summary>A call that a client made.</summary>
internal sealed record RecordedCall(string Method, string Url, string Body, string Headers, string ContentHeaders);
