using System.Net;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Operations.Observing;

/// <summary>Who may read the metrics, which name workspaces. The tests' requests come from 127.0.0.1.</summary>
public sealed class MetricsAccessTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Forwarded = "X-Forwarded-For";
    private const string FromTheInternet = "203.0.113.7";
    private const string MetricsKey = "api-key-of-metrics";
    private const string MetricsKeyOfDemo = "api-key-of-metrics-of-demo";

    private static readonly (string, string)[] ApiKeys =
    [
        ("ApiKeys:3:Name", "prometheus"), ("ApiKeys:3:Sha256", Keys.Digest(MetricsKey)), ("ApiKeys:3:Workspaces:0", "*"), ("ApiKeys:3:Scopes:0", "metrics"),
        ("ApiKeys:4:Name", "of-one"), ("ApiKeys:4:Sha256", Keys.Digest(MetricsKeyOfDemo)), ("ApiKeys:4:Workspaces:0", "demo"), ("ApiKeys:4:Scopes:0", "metrics"),
    ];

    [Fact]
    public async Task A_direct_connection_from_a_near_network_needs_no_key()
    {
        var answer = await receiver.Service.GetAsync("/metrics", apiKey: null);

        Assert.Equal((200, "text/plain"), (answer.Status, answer.ContentType));
        Assert.Contains("# TYPE callback_receiver_deliveries_total counter", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Forwarded, FromTheInternet)]
    [InlineData(Forwarded, "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task What_comes_through_a_proxy_nobody_named_needs_a_key_that_may_see_metrics_and_all_workspaces(string header, string value)
    {
        await using var service = await receiver.StartAsync(ApiKeys);

        var answer = await GetAsync(service, null, (header, value));
        Assert.Equal((401, "Bearer"), (answer.Status, answer.Headers["WWW-Authenticate"]));
        Assert.DoesNotContain("demo", answer.Body, StringComparison.Ordinal);
        Assert.Equal(401, (await GetAsync(service, "no-such-key", (header, value))).Status);
        Assert.Equal(403, (await GetAsync(service, Keys.ApiAll, (header, value))).Status);
        Assert.Equal(403, (await GetAsync(service, MetricsKeyOfDemo, (header, value))).Status);
        Assert.Equal(200, (await GetAsync(service, MetricsKey, (header, value))).Status);
    }

    [Fact]
    public async Task A_key_for_metrics_reads_no_meeting()
    {
        await using var service = await receiver.StartAsync(ApiKeys);

        Assert.Equal(403, (await service.GetAsync("/api/v1/workspaces", MetricsKey)).Status);
    }

    [Fact]
    public async Task Behind_a_known_proxy_the_clients_own_address_counts()
    {
        await using var service = await receiver.StartAsync(("ForwardedHeaders:KnownProxies:0", "127.0.0.1"));

        Assert.Equal(401, (await GetAsync(service, null, (Forwarded, FromTheInternet))).Status);
        Assert.Equal(200, (await GetAsync(service, null, (Forwarded, "10.1.2.3"))).Status);
        Assert.Equal(401, (await GetAsync(service, null, (Forwarded, $"10.1.2.3, {FromTheInternet}"))).Status);
    }

    [Theory]
    [InlineData("none", 401)]
    [InlineData("10.0.0.0/8", 401)]
    [InlineData("127.0.0.0/8", 200)]
    public async Task Networks_without_a_key_can_be_named(string network, int status)
    {
        await using var service = await receiver.StartAsync([("Metrics:Networks:0", network), .. ApiKeys]);

        Assert.Equal(status, (await GetAsync(service, null)).Status);
        Assert.Equal(200, (await GetAsync(service, MetricsKey)).Status);
    }

    [Fact]
    public async Task A_port_of_their_own_answers_nothing_but_metrics_and_health_and_no_other_port_answers_metrics()
    {
        var port = FreePort.Take();
        await using var service = await receiver.StartAsync(("Metrics:Port", $"{port}"));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        Assert.Contains("callback_receiver_deliveries_total", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/healthz/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/swagger")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsync("/callbacks/demo", new StringContent("{}"))).StatusCode);
        Assert.Equal(404, (await GetAsync(service, null)).Status);
        Assert.Equal("stored", (await service.PostAsync(Workspaces.Demo, new CallbackBuilder().Build())).Outcome);
    }

    [Theory]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/metrics/")]
    [InlineData("GET", "/metrics?x=1")]
    [InlineData("GET", "/METRICS")]
    [InlineData("GET", "//metrics")]
    [InlineData("GET", "/metrics//")]
    [InlineData("GET", "/./metrics")]
    [InlineData("GET", "/callbacks/../metrics")]
    [InlineData("GET", "/%6Detrics")]
    [InlineData("GET", "/%6D%65%74%72%69%63%73/")]
    [InlineData("GET", "/metrics/.")]
    [InlineData("GET", "/metrics%2F")]
    [InlineData("GET", "http://127.0.0.1/metrics/")]
    [InlineData("HEAD", "/metrics/")]
    [InlineData("POST", "/metrics/")]
    [InlineData("OPTIONS", "/Metrics/")]
    public async Task However_its_path_is_written_no_other_port_answers_metrics(string method, string target)
    {
        var port = FreePort.Take();
        await using var service = await receiver.StartAsync(("Metrics:Port", $"{port}"));

        foreach (var host in new[] { service.Address.Authority, $"127.0.0.1:{port}" })
        {
            var answer = await RequestAsync(service.Address, method, target, host);
            Assert.Matches("^HTTP/1.1 40[04] ", answer); // 400 where the target names another host than the header
            Assert.DoesNotContain("callback_receiver_", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task However_a_path_is_written_the_port_of_metrics_answers_nothing_else()
    {
        var port = FreePort.Take();
        await using var service = await receiver.StartAsync(("Metrics:Port", $"{port}"), ("Cors:Origins:0", "https://dashboards.example.com"));
        var address = new Uri($"http://127.0.0.1:{port}");
        (string Method, string Target)[] others =
        [
            ("GET", "/callbacks/demo"), ("POST", "/callbacks/demo/"), ("POST", "/CALLBACKS"), ("GET", "/api/v1/workspaces"), ("OPTIONS", "/api/v1/workspaces"), ("DELETE", "/api/v1/workspaces"),
            ("GET", "/swagger/"), ("GET", "/swagger/index.html"), ("GET", "/swagger/v1/swagger.json"), ("GET", "/metrics/../swagger/v1/swagger.json"), ("GET", "/healthz"), ("OPTIONS", "*"), ("GET", "/"),
        ];
        foreach (var (method, target) in others)
            Assert.StartsWith("HTTP/1.1 404 ", await RequestAsync(address, method, target, service.Address.Authority), StringComparison.Ordinal);
        foreach (var target in new[] { "/metrics", "/metrics/", "/METRICS", "/healthz/ready", "/healthz/live/", "/Healthz/Ready" })
            Assert.StartsWith("HTTP/1.1 200 ", await RequestAsync(address, "GET", target, "anything"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Metrics:Port", "65536")]
    [InlineData("Metrics:Networks:0", "10.0.0.0/33")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")]
    public async Task Wrong_setting_stops_the_start_and_is_named(string key, string value)
    {
        var settings = new Dictionary<string, string>(Keys.Settings) { ["ConnectionStrings:CallbackReceiver"] = receiver.ConnectionString, [key] = value };
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(settings);

        Assert.Equal(1, exitCode);
        Assert.Contains(key, log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    private static Task<Answer> GetAsync(ReceiverProcess service, string? apiKey, params (string, string)[] headers) =>
        service.RequestAsync(HttpMethod.Get, "/metrics", apiKey, headers);

    private static Task<string> RequestAsync(Uri address, string method, string target, string host) => RawHttp.SendAsync(
        address, $"{method} {target} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://dashboards.example.com\r\nAccess-Control-Request-Method: GET\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}
