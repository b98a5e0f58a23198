using System.Text;
using System.Text.RegularExpressions;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests;

/// <summary>
/// Plants words in everything that is nobody's business, takes the service through its paths at the most verbose level, and looks for the
/// words in all that it writes.
/// </summary>
public sealed partial class LogTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string SigningKey = "cAnArYsIgNiNgKeY0123456789abcdef";
    private const string OldSigningKey = "cAnArYoLdSiGnInGkEy0123456789abc";

    private static readonly string[] Categories =
        ["Default", "Override:Microsoft", "Override:Microsoft.Hosting.Lifetime", "Override:Microsoft.EntityFrameworkCore.Database.Command",
         "Override:Microsoft.Extensions.Hosting.Internal.Host", "Override:Npgsql", "Override:System"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_log_at_any_level_holds_a_secret_or_a_word_of_a_call(bool inContainer)
    {
        await database.ExecuteAsync("ALTER TABLE meetings DROP CONSTRAINT IF EXISTS no_poison; ALTER TABLE meetings ADD CONSTRAINT no_poison CHECK (risk_factor <> 'canary-poison')");
        var (proxy, connectionString) = await TcpProxy.StartAsync(database.ConnectionString);
        await using var _ = proxy;
        var settings = new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = connectionString,
            ["Workspaces:demo:Keys:0"] = SigningKey,
            ["Workspaces:demo:Keys:1"] = OldSigningKey,
            ["Spool:MaxBytes"] = "0",
            ["DOTNET_RUNNING_IN_CONTAINER"] = inContainer ? "true" : "false",
        };
        foreach (var category in Categories)
            settings[$"Serilog:MinimumLevel:{category}"] = "Verbose";
        await using var process = await ReceiverProcess.StartAsync(settings);
        using var client = new CallbackClient(process.Address);
        var callback = new CallbackBuilder
        {
            Title = "canary-title",
            Summary = "canary-summary",
            AgentPerformanceFeedback = "canary-feedback",
            RiskFactor = "canary-risk",
            Transcript = new object[] { CallbackBuilder.Segment("canary-text", "canary-speaker") },
            Items = [new("canary-item-name", "canary-item"), new("nested", new object[] { "canary-nested" })],
            Metadata = [new("canary-metadata-name", "canary-metadata")],
        };
        var signatures = new List<string>();

        await AssertOutcomeAsync("stored", callback);
        await AssertOutcomeAsync("duplicate", callback);
        await AssertOutcomeAsync("stored", callback with { PayloadAsString = true, Summary = "canary-summary \u0000 \ud83d" });
        await AssertOutcomeAsync("ignored", callback with { EventName = "another_event" });
        await AssertOutcomeAsync("quarantined", callback with { CustomerSatisfactionRating = "canary-rating", Transcript = "canary-text" });
        await AssertOutcomeAsync("quarantined", callback with { Items = [new("canary-item-name", new RawJson("canary-number"))] });
        await AssertOutcomeAsync("quarantined", callback with { WholePayload = "{\"canary-item-name\": canary-item" });
        await AssertOutcomeAsync("quarantined", callback with { RiskFactor = "canary-poison" });
        Assert.Equal(403, (await PostAsync((callback with { WorkspaceId = "canary-workspace" }).Build())).Status);
        Assert.Equal(401, (await client.PostSignedAsync("demo", callback.Build(), "canary-signature")).Status);
        Assert.Equal(401, (await client.PostAsync("demo", callback.Build(), "canarywrongkey0123456789abcdefgh")).Status);
        Assert.Equal(415, (await client.PostAsync("demo", callback.Build(), SigningKey, request =>
            request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", "canary-encoding"))).Status);
        await AssertOutcomeAsync("stored", callback with { Title = "canary-title again" });
        Assert.Contains("400", await SendMalformedAsync(process.Address), StringComparison.Ordinal);
        proxy.Cut();
        Assert.Equal(503, (await PostAsync((callback with { Title = "canary-title while away" }).Build())).Status);
        proxy.Mend();
        await Eventually.HoldsAsync(async () => (await PostAsync((callback with { Title = "canary-title when back" }).Build())).Status == 200, "the service stores again");
        await ReadBackAsync(process);
        process.Terminate();
        Assert.Equal(0, await process.WaitForExitAsync());

        // The levels are really on, and the paths were really taken.
        Assert.Contains("Npgsql", inContainer ? process.Log : "Npgsql", StringComparison.Ordinal);
        Assert.Contains("INSERT INTO deliveries", process.Log, StringComparison.Ordinal);
        Assert.Contains("it is quarantined", process.Log, StringComparison.Ordinal);
        Assert.Contains("PostgreSQL is unavailable", process.Log, StringComparison.Ordinal);
        var password = new Npgsql.NpgsqlConnectionStringBuilder(connectionString).Password;
        string[] secrets = [SigningKey, OldSigningKey, Keys.Other, Keys.ApiAll, .. signatures, .. password is { Length: > 8 } ? [password] : Array.Empty<string>()];
        var leaks = process.Log.Split('\n').Where(line =>
            line.Contains("canary", StringComparison.OrdinalIgnoreCase) || secrets.Any(secret => line.Contains(secret, StringComparison.OrdinalIgnoreCase)));
        Assert.Equal("", string.Join('\n', leaks));

        // With all that it logs, storing may take a busy machine longer than the service waits where it has no spool; what it gave up may be stored all the same.
        async Task AssertOutcomeAsync(string outcome, CallbackBuilder callback)
        {
            var body = callback.Build();
            var answer = await PostAsync(body);
            var wasGivenUp = answer.Status == 503;
            if (wasGivenUp)
                await Eventually.HoldsAsync(async () => (answer = await PostAsync(body)).Status != 503, "the service stores");
            Assert.Equal(wasGivenUp && answer.Outcome == "duplicate" ? "duplicate" : outcome, answer.Outcome);
        }

        Task<Answer> PostAsync(byte[] body)
        {
            var signature = CallbackBuilder.Sign(body, SigningKey);
            signatures.Add(signature);
            return client.PostSignedAsync("demo", body, signature, request =>
            {
                request.Headers.TryAddWithoutValidation("X-Canary", "canary-header");
                request.Headers.TryAddWithoutValidation("User-Agent", "canary-agent");
                request.Headers.TryAddWithoutValidation("Cookie", "canary-cookie");
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Keys.ApiAll);
            });
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_request_leaves_one_line_but_stored_callbacks_and_probes_leave_none(bool inContainer)
    {
        await using var process = await ReceiverProcess.StartAsync(new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = database.ConnectionString,
            ["Spool:MaxBytes"] = "0",
            ["DOTNET_RUNNING_IN_CONTAINER"] = inContainer ? "true" : "false",
        });
        for (var i = 0; i < 5; i++)
            await process.PostAsync("demo", new CallbackBuilder().Build());
        await process.PostAsync("demo", Encoding.UTF8.GetBytes($"no analysis {inContainer}"));
        await process.GetAsync("/api/v1/workspaces/demo/meetings?limit=5");

        await Eventually.HoldsAsync(() => Task.FromResult(
            process.Log.Contains("GET /api/v1/workspaces/demo/meetings 200", StringComparison.Ordinal) && process.Log.Contains("POST /callbacks/demo 202", StringComparison.Ordinal)));

        var lines = process.Log.Split('\n');
        Assert.Equal(
            ["GET /api/v1/workspaces/demo/meetings 200 in", "POST /callbacks/demo 202 in"],
            lines.Where(line => line.Contains(" ms", StringComparison.Ordinal)).Select(line => Request().Match(line).Value).Where(request => request != "").Order(StringComparer.Ordinal));
        Assert.DoesNotContain("/healthz", process.Log, StringComparison.Ordinal);
        Assert.Equal(inContainer, Array.TrueForAll(lines, line => line.StartsWith('{')));
    }

    /// <summary>The query API, with a key and without.</summary>
    private static async Task ReadBackAsync(ReceiverProcess process)
    {
        foreach (var path in new[] { "/api/v1/workspaces", "/api/v1/workspaces/demo/meetings", "/api/v1/workspaces/demo/meetings?q=canary-query", "/api/v1/workspaces/demo/deliveries" })
        {
            await process.GetAsync(path);
            await process.GetAsync(path, "canary-api-key");
        }
    }

    private static async Task<string> SendMalformedAsync(Uri address)
    {
        using var connection = await RawHttp.ConnectAsync(address);
        await connection.GetStream().WriteAsync(
            RawHttp.Head(address, "/callbacks/demo", ["X-Fine: canary-header", "canary header without a colon"]), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(connection.GetStream());
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    [GeneratedRegex(@"(GET|POST) /\S+ \d+ in")]
    private static partial Regex Request();
}
