using System.Net.Http.Headers;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Operations.Observing;

/// <summary>Every metric that docs/operations.md lists is there, and moves when its thing happens; and every one that is there is listed.</summary>
public sealed class MetricsTests(ObservedReceiver observed) : IClassFixture<ObservedReceiver>
{
    private const string Meetings = "/api/v1/workspaces/demo/meetings";

    private static readonly Func<ObservedReceiver, string, Task> StoreOne = MovesBy(async observed => await observed.PostAsync());
    private static readonly Func<ObservedReceiver, string, Task> ReadMeetings = MovesBy(async observed => await observed.Service.GetAsync(Meetings));
    private static readonly Func<ObservedReceiver, string, Task> SpoolOne = RisesWhileAway;
    private static readonly Func<ObservedReceiver, string, Task> HoldBackProjection = RisesWhileProjectionWaits;
    private static readonly Func<ObservedReceiver, string, Task> JustIs = IsPositive;

    private static readonly string[] Outcomes = ["duplicate", "ignored", "quarantined", "spooled", "stored"];

    /// <summary>How each metric is made to move.</summary>
    private static readonly Dictionary<string, Func<ObservedReceiver, string, Task>> Things = new()
    {
        ["callback_receiver_deliveries_total"] = StoreOne,
        ["callback_receiver_signature_failures_total"] = MovesBy(async observed => await observed.Service.PostAsync(Workspaces.Demo, [1], Keys.Other)),
        ["callback_receiver_callbacks_refused_total"] = MovesBy(async observed => await observed.Service.SendAsync("/callbacks/demo", [1], null, request => request.Content!.Headers.ContentEncoding.Add("gzip"))),
        ["callback_receiver_key_uses_total"] = StoreOne,
        ["callback_receiver_key_last_used_timestamp_seconds"] = StoreOne,
        ["callback_receiver_batch_size"] = StoreOne,
        ["callback_receiver_commit_duration_seconds"] = StoreOne,
        ["callback_receiver_queue_length"] = RisesWhilePostgresWaits,
        ["callback_receiver_clock_ahead_seconds"] = IsOfOneMachine,
        ["callback_receiver_queue_limit"] = JustIs,
        ["callback_receiver_circuit_open"] = SpoolOne,
        ["callback_receiver_spool_files"] = SpoolOne,
        ["callback_receiver_spool_size_bytes"] = SpoolOne,
        ["callback_receiver_spool_oldest_age_seconds"] = SpoolOne,
        ["callback_receiver_spool_limit_bytes"] = JustIs,
        ["callback_receiver_spool_stored_total"] = MovesBy(observed => observed.WhileAwayAsync(async () => await observed.PostAsync())),
        ["callback_receiver_spool_damaged"] = MovesBy(async observed =>
        {
            Directory.CreateDirectory(observed.SpoolDirectory);
            await File.WriteAllTextAsync(Path.Combine(observed.SpoolDirectory, $"{Guid.NewGuid():N}.delivery"), "not whole");
        }),
        ["callback_receiver_spool_held"] = JustIs,
        ["callback_receiver_spool_other_databases"] = JustIs,
        ["callback_receiver_search_delay_seconds"] = StoreOne,
        ["callback_receiver_search_backlog"] = HoldBackProjection,
        ["callback_receiver_search_backlog_age_seconds"] = HoldBackProjection,
        ["callback_receiver_events_listeners"] = RisesWhileSomebodyListens,
        ["callback_receiver_meetings_removed_total"] = MovesBy(async observed =>
        {
            await observed.PostAsync(new CallbackBuilder("to-be-erased"));
            await observed.Service.DeleteAsync(Meetings + "/to-be-erased");
        }),
        ["http_server_request_duration_seconds"] = ReadMeetings,
        ["http_server_active_requests"] = RisesWhileSomebodyListens,
        ["kestrel_active_connections"] = RisesWhileSomebodyListens,
        ["callback_receiver_connections_closed_total"] = MovesBy(async observed =>
        {
            using var silent = await RawHttp.ConnectAsync(observed.Service.Address);
            Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        }),
        ["db_client_connection_count"] = JustIs,
        ["db_client_connection_max"] = JustIs,
        ["db_client_operation_duration_seconds"] = ReadMeetings,
        ["db_client_operation_npgsql_executing"] = RisesWhilePostgresWaits,
        ["dotnet_process_cpu_time_seconds_total"] = ReadMeetings,
        ["dotnet_process_memory_working_set_bytes"] = JustIs,
        ["dotnet_gc_pause_time_seconds_total"] = JustIs,
        ["dotnet_gc_last_collection_heap_size_bytes"] = JustIs,
        ["dotnet_exceptions_total"] = JustIs,
    };

    public static TheoryData<string> Documented => [.. OperationsDocument.Metrics.Keys];

    [Theory]
    [MemberData(nameof(Documented))]
    public async Task Documented_metric_is_there_and_moves_when_its_thing_happens(string metric)
    {
        Assert.True(Things.TryGetValue(metric, out var happens), $"{metric} is documented, and nothing here makes it move.");
        await happens(observed, metric);

        var page = await observed.MetricsAsync();
        var (type, labels) = OperationsDocument.Metrics[metric];
        Assert.Equal(type, page.Types[metric]);
        var suffix = type == "histogram" ? "_count" : "";
        var shown = page.Samples.Where(sample => sample.Name == metric + suffix).SelectMany(sample => sample.Labels.Keys).Distinct();
        Assert.Equal(labels.Order(), shown.Where(label => !label.StartsWith("otel_scope_", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task Every_metric_of_this_service_is_documented()
    {
        await observed.PostAsync();
        await observed.UntilAsync(page => page.Types.ContainsKey("callback_receiver_search_delay_seconds") && page.Types.ContainsKey("callback_receiver_search_backlog"), "all has been measured");

        var own = (await observed.MetricsAsync()).Types.Keys.Where(metric => metric.StartsWith(OperationsDocument.OwnPrefix, StringComparison.Ordinal));
        Assert.Equal(OperationsDocument.Metrics.Keys.Where(metric => metric.StartsWith(OperationsDocument.OwnPrefix, StringComparison.Ordinal)).Order(), own.Order());
    }

    [Fact]
    public async Task Outcomes_are_counted_by_workspace()
    {
        var body = new CallbackBuilder().Build();
        await CountsAsync(() => observed.Service.PostAsync(Workspaces.Demo, body), "callback_receiver_deliveries_total", ("workspace_id", "demo"), ("outcome", "stored"));
        await CountsAsync(() => observed.Service.PostAsync(Workspaces.Demo, body), "callback_receiver_deliveries_total", ("workspace_id", "demo"), ("outcome", "duplicate"));
        await CountsAsync(() => observed.PostAsync(new CallbackBuilder { EventName = "another" }), "callback_receiver_deliveries_total", ("workspace_id", "demo"), ("outcome", "ignored"));
        await CountsAsync(() => observed.PostAsync(new CallbackBuilder { Summary = 5 }), "callback_receiver_deliveries_total", ("workspace_id", "demo"), ("outcome", "quarantined"));
        await CountsAsync(
            () => observed.Service.PostAsync(Workspaces.Other, new CallbackBuilder { WorkspaceId = Workspaces.Other }.Build(), Keys.Other),
            "callback_receiver_deliveries_total", ("workspace_id", "other"), ("outcome", "stored"));
        await observed.WhileAwayAsync(() => CountsAsync(() => observed.PostAsync(), "callback_receiver_deliveries_total", ("workspace_id", "demo"), ("outcome", "spooled")));
    }

    [Fact]
    public async Task Signature_failures_are_counted_by_reason()
    {
        const string Failures = "callback_receiver_signature_failures_total";
        byte[] body = [1];
        await CountsAsync(() => observed.Service.SendAsync("/callbacks/demo", body, null), Failures, ("workspace_id", "demo"), ("reason", "missing"));
        await CountsAsync(() => observed.Service.SendAsync("/callbacks/demo", body, "zz"), Failures, ("workspace_id", "demo"), ("reason", "malformed"));
        await CountsAsync(() => observed.Service.PostAsync(Workspaces.Demo, body, Keys.Other), Failures, ("workspace_id", "demo"), ("reason", "wrong"));
        await CountsAsync(() => observed.Service.PostAsync("unheard-of", body), Failures, ("workspace_id", ""), ("reason", "unknown_workspace"));
        await CountsAsync(() => observed.Service.SendAsync("/callbacks", body, new string('0', 64)), Failures, ("workspace_id", ""), ("reason", "wrong"));

        await using var strict = await observed.Receiver.StartAsync(("Callbacks:BadSignaturesPerMinute", "1"));
        await strict.PostAsync(Workspaces.Demo, body, Keys.Other);
        await strict.PostAsync(Workspaces.Demo, body, Keys.Other);
        Assert.Equal(1, (await MetricsPage.ReadAsync(strict)).Sum(Failures, ("workspace_id", "demo"), ("reason", "limited")));
    }

    [Fact]
    public async Task Other_refusals_are_counted_by_reason()
    {
        const string Refused = "callback_receiver_callbacks_refused_total";
        await CountsAsync(
            () => observed.Service.SendAsync("/callbacks/demo", new byte[8 * 1024 * 1024 + 1], null, request => request.Headers.ExpectContinue = true),
            Refused, ("reason", "too_large"));
        await CountsAsync(() => observed.PostAsync(new CallbackBuilder { WorkspaceId = "elsewhere" }), Refused, ("reason", "other_workspace"));

        var (proxy, connectionString) = await TcpProxy.StartAsync(observed.Receiver.ConnectionString);
        await using var _ = proxy;
        await using var withoutSpool = await observed.Receiver.StartAsync(("ConnectionStrings:CallbackReceiver", connectionString), ("Spool:MaxBytes", "0"));
        proxy.Cut();
        Assert.Equal(503, (await withoutSpool.PostAsync(Workspaces.Demo, new CallbackBuilder().Build())).Status);
        Assert.Equal(1, (await MetricsPage.ReadAsync(withoutSpool)).Sum(Refused, ("reason", "not_stored")));
    }

    /// <summary>What an operator watches while a key is rotated.</summary>
    [Fact]
    public async Task The_key_that_signs_can_be_told_from_the_one_that_does_no_longer()
    {
        await using var service = await observed.Receiver.StartAsync();
        var (demo, old) = (IdOf(Keys.Demo), IdOf(Keys.DemoOld));
        await service.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.DemoOld);
        await service.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.DemoOld);

        var page = await MetricsPage.ReadAsync(service);
        Assert.Equal([2], page.Of("callback_receiver_key_uses_total", ("workspace_id", "demo"), ("key_id", old)));
        Assert.Equal([0], page.Of("callback_receiver_key_uses_total", ("workspace_id", "demo"), ("key_id", demo)));
        Assert.Equal([0], page.Of("callback_receiver_key_last_used_timestamp_seconds", ("workspace_id", "demo"), ("key_id", demo), ("position", "0")));
        var lastUsed = Assert.Single(page.Of("callback_receiver_key_last_used_timestamp_seconds", ("workspace_id", "demo"), ("key_id", old), ("position", "1")));
        Assert.InRange(lastUsed, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Every_configured_workspace_has_its_series_before_its_first_callback()
    {
        await using var service = await observed.Receiver.StartAsync();
        var page = await MetricsPage.ReadAsync(service);

        Assert.Equal(
            Outcomes.Select(outcome => ("demo", outcome, 0.0)).Concat(Outcomes.Select(outcome => ("other", outcome, 0.0))),
            page.Samples.Where(sample => sample.Name == "callback_receiver_deliveries_total").Select(sample => (sample.Labels["workspace_id"], sample.Labels["outcome"], sample.Value)).Order());
    }

    [Fact]
    public async Task A_workspace_that_is_added_while_the_service_runs_has_its_series_too_and_one_without_keys_has_none()
    {
        var secrets = Directory.CreateTempSubdirectory("callback-receiver-secrets-");
        await using var service = await observed.Receiver.StartAsync(("Secrets:Directory", secrets.FullName), ("Workspaces:without-keys:Retention:Meetings", "never"));
        await File.WriteAllTextAsync(Path.Combine(secrets.FullName, "Workspaces__added__Keys__0"), "nE8wK2eY5fO1rT7hE3dE9mO4wS6pA0cE");

        await Eventually.HoldsAsync(
            async () => (await MetricsPage.ReadAsync(service)).Of("callback_receiver_deliveries_total", ("workspace_id", "added"), ("outcome", "stored")) is [0], "its series are there");
        Assert.Empty((await MetricsPage.ReadAsync(service)).Of("callback_receiver_deliveries_total", ("workspace_id", "without-keys")));
        secrets.Delete(recursive: true);
    }

    [Fact]
    public async Task What_a_sender_makes_up_never_becomes_a_label()
    {
        var before = (await observed.MetricsAsync()).Samples.Count(sample => sample.Name.StartsWith(OperationsDocument.OwnPrefix, StringComparison.Ordinal));
        for (var i = 0; i < 50; i++)
        {
            await observed.Service.PostAsync($"made-up-{i}", [1]);
            await observed.Service.GetAsync($"/made-up-{i}", apiKey: null);
            await observed.Service.GetAsync($"/api/v1/workspaces/made-up-{i}/meetings");
            await observed.Service.SendAsync(new HttpMethod($"MADEUP{i}"), $"/callbacks/made-up-{i}");
        }

        var page = await observed.MetricsAsync();
        Assert.DoesNotContain(page.Samples, sample => sample.Labels.Values.Any(value => value.Contains("made-up", StringComparison.OrdinalIgnoreCase) || value.Contains("MADEUP", StringComparison.OrdinalIgnoreCase)));
        Assert.InRange(page.Samples.Count(sample => sample.Name.StartsWith(OperationsDocument.OwnPrefix, StringComparison.Ordinal)), before, before + 5);
    }

    [Fact]
    public async Task Queries_are_measured_by_route_and_probes_are_not()
    {
        await Eventually.HoldsAsync(async () => (await observed.Service.GetAsync(Meetings)).Status == 200, "queries are answered again after the outages of other tests");
        await observed.Service.GetAsync("/healthz/live", apiKey: null);
        await observed.MetricsAsync();

        var page = await observed.MetricsAsync();
        Assert.NotEmpty(page.Of("http_server_request_duration_seconds", ("http_route", "/api/v1/workspaces/{workspace_id}/meetings"), ("http_response_status_code", "200")));
        Assert.DoesNotContain(page.Samples, sample => sample.Labels.GetValueOrDefault("http_route") is "/metrics" or "/healthz/live" or "/healthz/ready");
    }

    [Fact]
    public async Task Nothing_of_the_connection_string_is_shown()
    {
        var page = await observed.MetricsAsync();

        Assert.Subset(
            new HashSet<string> { "callback-receiver", "callback-receiver-reads", "callback-receiver-background", "callback-receiver-events", "callback-receiver-manage" },
            page.Samples.Select(sample => sample.Labels.GetValueOrDefault("db_client_connection_pool_name")).OfType<string>().ToHashSet());
    }

    private async Task CountsAsync(Func<Task> act, string metric, params (string Name, string Value)[] labels)
    {
        var before = (await observed.MetricsAsync()).Sum(metric, labels);
        await act();
        Assert.Equal(before + 1, (await observed.MetricsAsync()).Sum(metric, labels));
    }

    private static string IdOf(string key) => Keys.Digest(key)[..8];

    private static Func<ObservedReceiver, string, Task> MovesBy(Func<ObservedReceiver, Task> act) => async (observed, metric) =>
    {
        var before = (await observed.MetricsAsync()).Sum(metric);
        await act(observed);
        await observed.UntilAsync(page => page.Sum(metric) > before, $"{metric} rises");
    };

    private static Task IsPositive(ObservedReceiver observed, string metric) => observed.UntilAsync(page => page.Types.ContainsKey(metric) && page.Sum(metric) >= 0, $"{metric} is there");

    /// <summary>PostgreSQL has the same clock here: what is measured is how well it is read, and may be some microseconds behind as well as ahead.</summary>
    private static Task IsOfOneMachine(ObservedReceiver observed, string metric) => observed.UntilAsync(
        page => page.Types.ContainsKey(metric) && Math.Abs(page.Sum(metric)) <= ReceiveClock.Tolerance.TotalSeconds, $"{metric} says that the clocks agree");

    private static async Task RisesWhileAway(ObservedReceiver observed, string metric)
    {
        await observed.UntilAsync(page => page.Sum(metric) == 0, $"{metric} is 0");
        await observed.WhileAwayAsync(async () =>
        {
            await observed.PostAsync();
            await observed.UntilAsync(page => page.Sum(metric) > 0, $"{metric} rises");
        });
        await observed.UntilAsync(page => page.Sum(metric) == 0, $"{metric} is 0 again");
    }

    /// <summary>The service gives a commit up after a while: then it is tried again.</summary>
    private static async Task RisesWhilePostgresWaits(ObservedReceiver observed, string metric)
    {
        var before = (await observed.MetricsAsync()).Sum(metric);
        await Eventually.HoldsAsync(
            async () =>
            {
                var hasRisen = false;
                Task posts;
                await using (await observed.Receiver.LockDeliveriesAsync())
                {
                    posts = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => observed.PostAsync()));
                    while (!hasRisen && !posts.IsCompleted)
                        hasRisen = (await observed.MetricsAsync()).Sum(metric) > before;
                }

                await posts;
                await Eventually.HoldsAsync(async () => (await observed.PostAsync()).Outcome == "stored", "the service stores again");
                return hasRisen;
            },
            $"{metric} rises");
    }

    private static async Task RisesWhileProjectionWaits(ObservedReceiver observed, string metric)
    {
        await observed.PostAsync();
        await observed.UntilAsync(page => page.Of(metric) is [0], $"{metric} is 0");
        await using (await observed.Receiver.HoldProjectionAsync())
        {
            await observed.PostAsync();
            await observed.UntilAsync(page => page.Sum(metric) > 0, $"{metric} rises");
        }

        await observed.UntilAsync(page => page.Of(metric) is [0], $"{metric} is 0 again");
    }

    private static async Task RisesWhileSomebodyListens(ObservedReceiver observed, string metric)
    {
        var before = (await observed.MetricsAsync()).Sum(metric);
        using (var http = new HttpClient { BaseAddress = observed.Service.Address })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/workspaces/demo/events") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Keys.ApiAll) } };
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await observed.UntilAsync(page => page.Sum(metric) > before, $"{metric} rises");
        }

        await observed.UntilAsync(page => page.Sum(metric) <= before, $"{metric} falls again");
    }
}
