using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>The table of answers to a callback, at least one test a row.</summary>
public sealed class AnswerTableTests(HostedReceiver receiver) : IClassFixture<HostedReceiver>
{
    private static readonly byte[] Body = new CallbackBuilder().Build();
    private static readonly string Signature = CallbackBuilder.Sign(Body, Keys.Demo);

    public static TheoryData<string, string[]> BadSignatures => new()
    {
        { "wrong", [Header(new string('0', 64))] },
        { "of another workspace", [Header(CallbackBuilder.Sign(Body, Keys.Other))] },
        { "of the key as hexadecimal bytes", [Header(CallbackBuilder.Sign(Body, Keys.Demo[..16]))] },
        { "short", [Header(Signature[..63])] },
        { "long", [Header(Signature + "0")] },
        { "not hexadecimal", [Header(Signature[..63] + "g")] },
        { "with the name of the algorithm", [Header("sha256=" + Signature)] },
        { "empty", [Header("")] },
        { "twice", [Header(Signature), Header(Signature)] },
        { "twice in a line", [Header($"{Signature}, {Signature}")] },
        { "in Base64", [Header(Convert.ToBase64String(Convert.FromHexString(Signature)))] },
    };

    [Fact]
    public async Task New_analysis_answers_200_stored_with_its_delivery_and_first_revision()
    {
        var body = new CallbackBuilder("seax_first").Build();
        var answer = await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json", answer.ContentType);
        var row = (await receiver.Database.DeliveryOfAsync(body))!;
        JsonAssert.Equal($$"""{"outcome": "stored", "delivery_id": "{{row.DeliveryId}}", "workspace_id": "demo", "meeting_id": "seax_first", "revision": 1}""", answer.Json);
        Assert.Equal("stored", row.Outcome);
        Assert.Equal("dashboard_analysis_finished", row.EventName);
        Assert.Equal("seax_first", row.MeetingId);
        Assert.Equal(0, row.Duplicates);
        Assert.Equal(body, row.Body);
        Assert.Null(row.Errors);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Workspaces.Demo)]
    public async Task Same_bytes_again_answer_200_duplicate_with_the_first_delivery_from_either_url(string? url)
    {
        var body = new CallbackBuilder().Build();
        var first = await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        var second = await receiver.Client.PostAsync(url, body, Keys.Demo);
        var third = await receiver.Client.PostAsync(url, body, Keys.DemoOld);
        foreach (var again in new[] { second, third })
        {
            Assert.Equal(200, again.Status);
            Assert.Equal("duplicate", again.Outcome);
            Assert.Equal(first.DeliveryId, again.DeliveryId);
            Assert.Equal(first["meeting_id"], again["meeting_id"]);
            Assert.Equal(1, again.Revision);
        }

        Assert.Equal(2, (await receiver.Database.DeliveryOfAsync(body))!.Duplicates);
    }

    [Fact]
    public async Task Another_event_answers_200_ignored_and_is_kept_with_its_bytes()
    {
        var body = new CallbackBuilder { EventName = "meeting_deleted", WholePayload = new RawJson("17") }.Build();
        var answer = await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        Assert.Equal(200, answer.Status);
        Assert.Equal("ignored", answer.Outcome);
        var row = (await receiver.Database.DeliveryOfAsync(body))!;
        Assert.Equal("ignored", row.Outcome);
        Assert.Equal("meeting_deleted", row.EventName);
        Assert.Equal(body, row.Body);
        Assert.Null(await receiver.Database.MeetingAsync(row.MeetingId!));
        Assert.Equal("duplicate", (await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo)).Outcome);
    }

    [Fact]
    public async Task Body_that_does_not_fit_answers_202_quarantined_with_its_errors_and_is_kept_with_its_bytes()
    {
        var body = new CallbackBuilder { CustomerSatisfactionRating = "F", Transcript = "none" }.Build();
        var answer = await receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo);
        Assert.Equal((202, "quarantined"), (answer.Status, answer.Outcome));
        Assert.Equal(["/payload/customer_satisfaction_rating", "/payload/transcript"], answer.ErrorPaths);
        Assert.All(answer.Json.GetProperty("errors").EnumerateArray(), error => Assert.NotEmpty(error.GetProperty("reason").GetString()!));
        var row = (await receiver.Database.DeliveryOfAsync(body))!;
        Assert.Equal(("quarantined", answer.DeliveryId), (row.Outcome, row.DeliveryId));
        Assert.Equal(body, row.Body);
        Assert.Equal("quarantined", (await receiver.Client.SendAsync(HttpMethod.Post, $"/api/v1/workspaces/demo/deliveries/{answer.DeliveryId}/replay")).Outcome);
    }

    [Fact]
    public async Task While_PostgreSQL_is_away_a_callback_answers_202_spooled_and_is_in_the_spool()
    {
        var spool = Directory.CreateTempSubdirectory("callback-receiver-answers-");
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.Database.ConnectionString);
        await using var _ = proxy;
        await using var host = await ReceiverHost.StartAsync(connectionString, new ReceiverSettings
        {
            Values = { ["Spool:Directory"] = spool.FullName, ["Spool:MaxBytes"] = "1000000" },
        });
        proxy.Cut();
        var answer = await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder("spooled").Build(), Keys.Demo);
        Assert.Equal(202, answer.Status);
        JsonAssert.Equal($$"""{"outcome": "spooled", "delivery_id": "{{answer.DeliveryId}}", "workspace_id": "demo", "meeting_id": "spooled"}""", answer.Json);
        Assert.Equal(answer.DeliveryId, Assert.Single(host.Services.GetRequiredService<Spool>().Take(10, long.MaxValue)).Id);
        spool.Delete(recursive: true);
    }

    [Fact]
    public async Task Where_neither_PostgreSQL_nor_the_spool_takes_it_a_callback_answers_503_and_when_to_come_again()
    {
        var (proxy, connectionString) = await TcpProxy.StartAsync(receiver.Database.ConnectionString);
        await using var _ = proxy;
        await using var host = await ReceiverHost.StartAsync(connectionString); // without a spool
        proxy.Cut();
        var body = new CallbackBuilder().Build();
        AssertProblem(503, "unavailable", await host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo), hasRetryAfter: true);
        Assert.Null(await receiver.Database.DeliveryOfAsync(body));
    }

    [Fact]
    public async Task Wrong_signature_for_a_known_workspace_answers_401_and_is_kept_as_unverified()
    {
        var body = new CallbackBuilder().Build();
        AssertProblem(401, "invalid-signature", await receiver.Client.PostAsync(Workspaces.Demo, body, "uN3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA"));
        AssertProblem(401, "invalid-signature", await receiver.Client.PostSignedAsync(Workspaces.Demo, [.. body, 32], "malformed"));
        await Eventually.HoldsAsync(async () => await CountUnverifiedAsync(body) == 1, "it is kept");
        Assert.Null(await receiver.Database.DeliveryOfAsync(body));
        Assert.Equal(0, await CountUnverifiedAsync([.. body, 32]));
    }

    [Fact]
    public async Task Too_many_bad_signatures_from_one_address_answer_429_and_good_ones_still_pass()
    {
        await using var host = await ReceiverHost.StartAsync(receiver.Database.ConnectionString, new ReceiverSettings { Values = { ["Callbacks:BadSignaturesPerMinute"] = "2" } });
        for (var i = 0; i < 2; i++)
            AssertProblem(401, "invalid-signature", await host.Client.PostSignedAsync(Workspaces.Demo, Body, "bad"));
        AssertProblem(429, "too-many-bad-signatures", await host.Client.PostSignedAsync(Workspaces.Demo, Body, "bad"), hasRetryAfter: true);
        Assert.Equal("stored", (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), Keys.Demo)).Outcome);
    }

    /// <summary>To the byte, and what else belongs to it: <see cref="BodyLimitTests"/>.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_over_the_limit_answers_413_chunked_or_not(bool chunked)
    {
        await using var host = await ReceiverHost.StartAsync(receiver.Database.ConnectionString, new ReceiverSettings { Values = { ["Callbacks:MaxBodyBytes"] = "65536" } });
        var body = new CallbackBuilder { Summary = new string('x', 65536) }.Build();
        AssertProblem(413, "body-too-large", await host.Client.PostAsync(Workspaces.Demo, body, Keys.Demo, request => request.Headers.TransferEncodingChunked = chunked));
        Assert.Null(await receiver.Database.DeliveryOfAsync(body));
    }

    [Theory]
    [MemberData(nameof(BadSignatures))]
    public async Task Missing_malformed_or_wrong_signature_answers_401_the_same_in_every_case(string what, string[] headers)
    {
        var missing = await RawHttp.PostAsync(receiver.Host.Address, "/callbacks/demo", [], Body);
        Assert.StartsWith("HTTP/1.1 401 ", missing, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json", missing, StringComparison.Ordinal);
        Assert.DoesNotContain(Signature, missing, StringComparison.OrdinalIgnoreCase);
        foreach (var path in new[] { "/callbacks/demo", "/callbacks" })
        {
            if (path == "/callbacks" && what == "of another workspace")
                continue; // there, the key names the workspace
            Assert.Equal(missing, await RawHttp.PostAsync(receiver.Host.Address, path, headers, Body));
        }

        Assert.Null(await receiver.Database.DeliveryOfAsync(Body));
    }

    [Theory]
    [InlineData("/callbacks/unknown")]
    [InlineData("/callbacks/DEMO")]
    [InlineData("/callbacks/demo%20")]
    [InlineData("/callbacks/d%C3%A9mo")]
    public async Task Unknown_workspace_answers_401_as_a_bad_signature_does(string path)
    {
        var badSignature = await RawHttp.PostAsync(receiver.Host.Address, "/callbacks/demo", [Header(new string('a', 64))], Body);
        Assert.Equal(badSignature, await RawHttp.PostAsync(receiver.Host.Address, path, [Header(Signature)], Body));
        Assert.Null(await receiver.Database.DeliveryOfAsync(Body));
    }

    [Theory]
    [InlineData("demo")]
    [InlineData(null)]
    public async Task Body_that_names_another_workspace_than_the_key_answers_403_and_changes_nothing(string? url)
    {
        var id = CallbackBuilder.NewMeetingId();
        var ofOther = new CallbackBuilder(id) with { WorkspaceId = Workspaces.Other };
        Assert.Equal("stored", (await receiver.Client.PostAsync(Workspaces.Other, ofOther.Build(), Keys.Other)).Outcome);

        var forged = (ofOther with { Title = "forged" }).Build();
        var answer = await receiver.Client.PostAsync(url, forged, Keys.Demo);

        Assert.Equal(403, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal("urn:callback-receiver:problem:other-workspace", answer["type"]);
        var meeting = (await receiver.Database.MeetingAsync(id, Workspaces.Other))!;
        Assert.Equal("Document submission", meeting.Title);
        Assert.Single(meeting.DeliveryIds);
        Assert.Null(await receiver.Database.MeetingAsync(id, Workspaces.Demo));
        Assert.Null(await receiver.Database.DeliveryOfAsync(forged, Workspaces.Demo));
        Assert.Null(await receiver.Database.DeliveryOfAsync(forged, Workspaces.Other));
    }

    [Fact]
    public async Task Key_of_one_workspace_at_the_url_of_another_answers_401()
    {
        var body = (new CallbackBuilder() with { WorkspaceId = Workspaces.Other }).Build();
        var answer = await receiver.Client.PostAsync(Workspaces.Other, body, Keys.Demo);
        Assert.Equal(401, answer.Status);
        Assert.Equal("urn:callback-receiver:problem:invalid-signature", answer["type"]);
        Assert.Null(await receiver.Database.DeliveryOfAsync(body, Workspaces.Other));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("gzip, identity")]
    public async Task Content_encoding_other_than_identity_answers_415(string encoding)
    {
        var body = new CallbackBuilder().Build();
        var answer = await PostEncodedAsync(body, encoding);
        Assert.Equal(415, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Null(await receiver.Database.DeliveryOfAsync(body));
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("Identity")]
    public async Task Identity_is_no_encoding(string encoding) =>
        Assert.Equal("stored", (await PostEncodedAsync(new CallbackBuilder().Build(), encoding)).Outcome);

    [Fact]
    public async Task Other_methods_and_paths_are_refused_with_a_problem()
    {
        Assert.Equal((405, "application/problem+json"), await StatusOfAsync("/callbacks/demo"));
        Assert.Equal((404, "application/problem+json"), await StatusOfAsync("/callbacks/demo/more"));

        async Task<(int, string?)> StatusOfAsync(string path)
        {
            var answer = await receiver.Client.GetAsync(path);
            return (answer.Status, answer.ContentType);
        }
    }

    private static void AssertProblem(int status, string type, Answer answer, bool hasRetryAfter = false)
    {
        Assert.Equal((status, "application/problem+json", $"urn:callback-receiver:problem:{type}"), (answer.Status, answer.ContentType, answer["type"]));
        Assert.Equal(hasRetryAfter, answer.Headers.TryGetValue("Retry-After", out var seconds) && int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture) > 0);
    }

    private async Task<long> CountUnverifiedAsync(byte[] body)
    {
        await using var command = receiver.Database.DataSource.CreateCommand("SELECT count(*) FROM unverified_deliveries WHERE body_sha256 = sha256($1)");
        command.Parameters.Add(new() { Value = body });
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static string Header(string value) => $"{CallbackClient.SignatureHeader}: {value}";

    private Task<Answer> PostEncodedAsync(byte[] body, string encoding) => receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo,
        request => request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding));
}
