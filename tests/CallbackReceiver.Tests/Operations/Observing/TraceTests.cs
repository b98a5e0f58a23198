using System.Text;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Operations.Observing;

/// <summary>What a collector is sent: the way of a callback, and of the commit that it shares with others.</summary>
public sealed class TraceTests(Receiver receiver) : IClassFixture<Receiver>
{
    [Fact]
    public async Task Requests_that_share_a_commit_are_linked_with_it_and_its_statements_are_below_it()
    {
        await using var collector = await TraceCollector.StartAsync();
        await using var service = await StartAsync(collector, ("Callbacks:Writers", "1"));
        await PostTogetherAsync(service, 12);

        await Eventually.HoldsAsync(() => Task.FromResult(Requests(collector).Count(span => span.LinkedSpans.Count == 1) >= 12), "all requests are linked");
        var commits = collector.Spans.Where(span => span.Name == "commit").ToDictionary(span => span.SpanId);
        Assert.Contains(commits.Values, commit => commit.LinkedSpans.Count > 0);
        foreach (var request in Requests(collector))
        {
            var commit = commits[request.LinkedSpans.Single()];
            Assert.Contains(request.SpanId, commit.LinkedSpans.Append(commit.ParentId));
            Assert.Equal($"{commit.LinkedSpans.Count + 1}", request.Attributes["callback_receiver.batch.size"]);
            Assert.Equal(
                commit.Attributes["callback_receiver.result"] == "committed" ? "stored" : "spooled", // where the machine was slow
                request.Attributes["callback_receiver.outcome"]);
        }

        // One that was given up may have statements that never ended.
        Assert.All(
            commits.Values.Where(commit => commit.Attributes["callback_receiver.result"] == "committed"),
            commit => Assert.Contains(collector.Spans, span => span.ParentId == commit.SpanId && span.TraceId == commit.TraceId));
    }

    [Fact]
    public async Task A_senders_own_trace_goes_on()
    {
        await using var collector = await TraceCollector.StartAsync();
        await using var service = await StartAsync(collector);
        var trace = Guid.NewGuid().ToString("N");
        var body = new CallbackBuilder().Build();
        await service.SendAsync("/callbacks/demo", body, CallbackBuilder.Sign(body, Keys.Demo), request => request.Headers.Add("traceparent", $"00-{trace}-00000000000000aa-01"));

        await Eventually.HoldsAsync(() => Task.FromResult(collector.Spans.Any(span => span.TraceId == trace && span.Name == "commit")), "the commit is in the sender's trace");
        await Eventually.HoldsAsync(() => Task.FromResult(Requests(collector).Any(span => span.TraceId == trace && span.ParentId == "00000000000000aa")), "the request is below the sender's span");
    }

    [Fact]
    public async Task Probes_metrics_and_what_goes_on_in_the_background_are_not_traced()
    {
        await using var collector = await TraceCollector.StartAsync();
        await using var service = await StartAsync(collector);
        await service.GetAsync("/metrics", apiKey: null);
        await service.GetAsync("/healthz/live", apiKey: null);
        await service.PostAsync(Workspaces.Demo, new CallbackBuilder("traced").Build());
        await Eventually.HoldsAsync(async () => (await service.GetAsync("/api/v1/workspaces/demo/meetings?q=supplementary")).Json.GetProperty("items").GetArrayLength() > 0, "it is searchable");

        await Eventually.HoldsAsync(() => Task.FromResult(collector.Spans.Any(span => span.Name.EndsWith("/meetings", StringComparison.Ordinal))), "the query is traced");
        Assert.All(collector.Spans.Where(span => span.ParentId.Length == 0), root => Assert.Matches("^(GET /api/|POST /callbacks)", root.Name));
    }

    [Fact]
    public async Task No_word_of_a_call_and_no_secret_is_sent()
    {
        await using var collector = await TraceCollector.StartAsync();
        await using var service = await StartAsync(collector);
        await service.PostAsync(Workspaces.Demo, (new CallbackBuilder() with { Title = "canary-title", Summary = "canary-summary" }).Build());
        await service.PostAsync(Workspaces.Demo, (new CallbackBuilder() with { Summary = 5, Title = "canary-title" }).Build());
        await service.GetAsync("/api/v1/workspaces/demo/meetings?q=canary-search");
        await Eventually.HoldsAsync(() => Task.FromResult(collector.Spans.Any(span => span.Name.EndsWith("/meetings", StringComparison.Ordinal))), "the query is traced");
        Assert.Equal(0, await service.StopAsync());

        var sent = string.Concat(collector.Requests.Select(Encoding.UTF8.GetString));
        Assert.Contains("commit", sent, StringComparison.Ordinal);
        Assert.All(["canary", Keys.Demo, Keys.ApiAll], secret => Assert.DoesNotContain(secret, sent, StringComparison.Ordinal));
    }

    /// <summary>The metrics go there as well.</summary>
    [Fact]
    public async Task The_collector_gets_the_metrics_too()
    {
        await using var collector = await TraceCollector.StartAsync();
        await using var service = await StartAsync(collector, ("OTEL_METRIC_EXPORT_INTERVAL", "500"));

        await Eventually.HoldsAsync(
            () => Task.FromResult(collector.Requests.Any(request => Encoding.UTF8.GetString(request).Contains("callback_receiver.deliveries", StringComparison.Ordinal))), "metrics are sent");
        Assert.Equal(200, (await service.GetAsync("/metrics", apiKey: null)).Status);
    }

    [Fact]
    public async Task A_collector_that_is_away_disturbs_nothing()
    {
        Uri address;
        await using (var collector = await TraceCollector.StartAsync())
            address = collector.Address;
        await using var service = await receiver.StartAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", $"{address}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "100"));
        for (var i = 0; i < 20; i++)
            Assert.Equal("stored", (await service.PostAsync(Workspaces.Demo, new CallbackBuilder().Build())).Outcome);

        Assert.Equal(0, await service.StopAsync());
    }

    private static IEnumerable<TracedSpan> Requests(TraceCollector collector) => collector.Spans.Where(span => span.Name.StartsWith("POST /callbacks", StringComparison.Ordinal));

    /// <summary>While PostgreSQL holds up the first, the others gather.</summary>
    private async Task PostTogetherAsync(ReceiverProcess service, int callbacks)
    {
        List<Task<Answer>> posts;
        await using (await receiver.LockDeliveriesAsync())
        {
            posts = [.. Enumerable.Range(0, callbacks).Select(_ => service.PostAsync(Workspaces.Demo, new CallbackBuilder().Build()))];
            await Eventually.HoldsAsync(async () => (await MetricsPage.ReadAsync(service)).Sum("callback_receiver_queue_length") > 0 || posts.Exists(post => post.IsCompleted), "some wait");
        }

        await Task.WhenAll(posts);
    }

    private Task<ReceiverProcess> StartAsync(TraceCollector collector, params IEnumerable<(string, string)> changes) => receiver.StartAsync(
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", $"{collector.Address}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "100"), .. changes,
    ]);
}
