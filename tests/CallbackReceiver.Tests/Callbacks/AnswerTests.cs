using System.Net.Sockets;
using System.Text;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>The rows of the table of answers that need no failure of PostgreSQL.</summary>
public sealed class AnswerTests(Receiver receiver) : IClassFixture<Receiver>
{
    private ReceiverProcess Service => receiver.Service;

    [Fact]
    public async Task New_analysis_is_stored()
    {
        var answer = await Service.PostAsync("demo", new CallbackBuilder("new").Build());

        Assert.Equal(200, answer.Status);
        Assert.Equal(("stored", "demo", "new", "1"), (answer["outcome"], answer["workspace_id"], answer["meeting_id"], answer["revision"]));
    }

    [Fact]
    public async Task Same_bytes_again_answer_with_the_first_delivery_from_either_url()
    {
        var body = new CallbackBuilder("again").Build();
        var first = await Service.PostAsync("demo", body);

        var second = await Service.PostAsync("demo", body);
        var third = await Service.SendAsync("/callbacks", body, CallbackBuilder.Sign(body, Keys.DemoOld));

        Assert.Equal((200, "duplicate", first["delivery_id"], "1"), (second.Status, second["outcome"], second["delivery_id"], second["revision"]));
        Assert.Equal((200, "duplicate", first["delivery_id"]), (third.Status, third["outcome"], third["delivery_id"]));
        Assert.Equal(2, await receiver.ScalarAsync<int>("SELECT duplicates FROM deliveries WHERE delivery_id = $1", Guid.Parse(first["delivery_id"]!)));
    }

    [Fact]
    public async Task The_key_that_verifies_names_the_workspace_where_the_url_does_not()
    {
        var body = new CallbackBuilder("any").WithoutEnvelope("workspace_id").Build();

        var answer = await Service.SendAsync("/callbacks", body, CallbackBuilder.Sign(body, Keys.Other));

        Assert.Equal((200, "other"), (answer.Status, answer["workspace_id"]));
    }

    [Fact]
    public async Task Another_event_is_ignored_and_kept_whatever_its_payload_is()
    {
        foreach (var payload in new object?[] { null, "text", 5, new Dictionary<string, object?> { ["title"] = 5 } })
        {
            var body = new CallbackBuilder("ignored").Envelope("event_name", "meeting_deleted").Envelope("payload", payload).Build();

            var answer = await Service.PostAsync("demo", body);

            Assert.Equal((200, "ignored"), (answer.Status, answer["outcome"]));
            Assert.Equal(body, await receiver.ScalarAsync<byte[]>("SELECT body FROM deliveries WHERE delivery_id = $1", Guid.Parse(answer["delivery_id"]!)));
        }
    }

    public static TheoryData<string, string> Unfit => new()
    {
        { "", "" },
        { "not json", "" },
        { "[]", "" },
        { "null", "" },
        { "{}", "/event_name" },
        { "{\"event_name\": \"dashboard_analysis_finished\"} x", "" },
        { "\uFEFF{}", "" },
        { "{\"event_name\": 5}", "/event_name" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\"}", "/payload" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"payload\": {}}", "/meeting_id" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": 5, \"payload\": {}}", "/meeting_id" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"\", \"payload\": {}}", "/meeting_id" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"workspace_id\": 5, \"meeting_id\": \"m\", \"payload\": {}}", "/workspace_id" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": []}", "/payload" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": \"[]\"}", "/payload" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": \"{\"}", "/payload" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": \"{} {}\"}", "/payload" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": {\"nps\": NaN}}", "" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": {\"title\": 5}}", "/payload/title" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": {\"summary\": {}}}", "/payload/summary" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": {\"agent_performance_rating\": \"a\"}}", "/payload/agent_performance_rating" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": {\"customer_satisfaction_rating\": \"AA\"}}", "/payload/customer_satisfaction_rating" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": {\"transcript\": {}}}", "/payload/transcript" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": {\"transcript\": [{}, 5]}}", "/payload/transcript/1" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": {\"transcript\": [{\"text\": 5}]}}", "/payload/transcript/0/text" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"payload\": {\"a/b~c\": 1e5000}}", "/payload/a~1b~0c" },
        { "{\"event_name\": \"dashboard_analysis_finished\", \"meeting_id\": \"m\", \"extra\": [1e-5000], \"payload\": {}}", "/extra" },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public async Task A_signed_body_that_does_not_fit_is_quarantined_with_a_pointer(string text, string pointer)
    {
        var body = Encoding.UTF8.GetBytes(text);

        var answer = await Service.PostAsync("demo", body);

        Assert.Equal((202, "quarantined"), (answer.Status, answer["outcome"]));
        Assert.Contains(answer.Json.GetProperty("errors").EnumerateArray(), error => error.GetProperty("path").GetString() == pointer);
        Assert.Equal(body, await receiver.ScalarAsync<byte[]>("SELECT body FROM deliveries WHERE delivery_id = $1", Guid.Parse(answer["delivery_id"]!)));
        Assert.Equal("duplicate", (await Service.PostAsync("demo", body))["outcome"]);
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_quarantined()
    {
        var answer = await Service.PostAsync("demo", [.. "{\"event_name\": \""u8, 0xFF, .. "\"}"u8]);

        Assert.Equal((202, "quarantined"), (answer.Status, answer["outcome"]));
    }

    [Fact]
    public async Task Nothing_in_the_answer_tells_why_a_signature_is_refused()
    {
        var body = new CallbackBuilder("refused").Build();
        var good = CallbackBuilder.Sign(body, Keys.Demo);
        var answers = new List<Answer>
        {
            await Service.SendAsync("/callbacks/demo", body, null),
            await Service.SendAsync("/callbacks/demo", body, ""),
            await Service.SendAsync("/callbacks/demo", body, good[..63]),
            await Service.SendAsync("/callbacks/demo", body, good + "0"),
            await Service.SendAsync("/callbacks/demo", body, "sha256=" + good),
            await Service.SendAsync("/callbacks/demo", body, new string('g', 64)),
            await Service.SendAsync("/callbacks/demo", body, good, request => request.Headers.TryAddWithoutValidation("X-Seasalt-Server-Signature", good)),
            await Service.SendAsync("/callbacks/demo", body, CallbackBuilder.Sign(body, Keys.Other)),
            await Service.SendAsync("/callbacks/other", body, good),
            await Service.SendAsync("/callbacks/unknown", body, good),
            await Service.SendAsync("/callbacks/Demo", body, good),
            await Service.SendAsync("/callbacks", body, CallbackBuilder.Sign(body, "x")),
        };

        Assert.All(answers, answer => Assert.Equal((401, "application/problem+json"), (answer.Status, answer.ContentType)));
        Assert.Single(answers.Select(answer => answer.Body).Distinct());
        Assert.Single(answers.Select(answer => string.Join(' ', answer.Headers.Keys.Order())).Distinct());
        Assert.DoesNotContain(good, answers[0].Body);
        Assert.Empty(await receiver.QueryAsync("SELECT 1 FROM meetings WHERE meeting_id = 'refused'"));
    }

    [Fact]
    public async Task Upper_case_digits_of_a_signature_are_the_same_digits()
    {
        var body = new CallbackBuilder("upper").Build();

        var answer = await Service.SendAsync("/callbacks/demo", body, CallbackBuilder.Sign(body, Keys.Demo).ToUpperInvariant());

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task A_body_that_names_another_workspace_is_refused_and_changes_nothing_there()
    {
        var body = new CallbackBuilder("foreign").Envelope("workspace_id", "other").Build();

        var byUrl = await Service.SendAsync("/callbacks/other", body, CallbackBuilder.Sign(body, Keys.Demo));
        var byBody = await Service.PostAsync("demo", body);
        var byKey = await Service.SendAsync("/callbacks", body, CallbackBuilder.Sign(body, Keys.Demo));

        Assert.Equal((401, 403, 403), (byUrl.Status, byBody.Status, byKey.Status));
        Assert.Empty(await receiver.QueryAsync("SELECT 1 FROM deliveries WHERE meeting_id = 'foreign'"));
        Assert.Empty(await receiver.QueryAsync("SELECT 1 FROM meetings WHERE meeting_id = 'foreign'"));
    }

    [Theory]
    [InlineData("identity", 200)]
    [InlineData("IDENTITY", 200)]
    [InlineData("gzip", 415)]
    [InlineData("identity, br", 415)]
    public async Task Only_a_body_as_it_was_signed_is_taken(string encoding, int status)
    {
        var body = new CallbackBuilder("encoding " + encoding).Build();

        var answer = await Service.SendAsync("/callbacks/demo", body, CallbackBuilder.Sign(body, Keys.Demo),
            request => request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding));

        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("nonsense")]
    public async Task Content_type_is_not_looked_at(string? contentType)
    {
        var body = new CallbackBuilder("type " + contentType).Build();

        var answer = await Service.SendAsync("/callbacks/demo", body, CallbackBuilder.Sign(body, Keys.Demo), request =>
        {
            request.Content!.Headers.Remove("Content-Type");
            if (contentType is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        });

        Assert.Equal((200, "stored"), (answer.Status, answer["outcome"]));
    }

    [Fact]
    public async Task A_body_of_exactly_the_limit_is_taken_chunked_or_not()
    {
        const int Limit = 8 * 1024 * 1024;
        var body = new byte[Limit];

        var known = await Service.PostAsync("demo", body);
        var chunked = await Service.SendAsync(
            "/callbacks/demo", body, CallbackBuilder.Sign(body, Keys.Demo), request => request.Headers.TransferEncodingChunked = true);

        Assert.Equal((202, "quarantined"), (known.Status, known["outcome"]));
        Assert.Equal((200, "duplicate"), (chunked.Status, chunked["outcome"]));
        Assert.Equal(Limit, await receiver.ScalarAsync<int>("SELECT octet_length(body) FROM deliveries WHERE delivery_id = $1", Guid.Parse(known["delivery_id"]!)));
    }

    [Fact]
    public async Task One_byte_over_the_limit_is_refused_before_any_of_it_is_read()
    {
        using var client = new TcpClient("127.0.0.1", Service.Address.Port);
        await client.GetStream().WriteAsync("POST /callbacks/demo HTTP/1.1\r\nHost: x\r\nContent-Length: 8388609\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(client.GetStream());

        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 413", answer);
        Assert.Contains("application/problem+json", answer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Over_the_limit_nothing_more_is_read(bool chunked)
    {
        using var client = new TcpClient("127.0.0.1", Service.Address.Port);
        var stream = client.GetStream();
        var length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 1000000000";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /callbacks/demo HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n"));
        var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string('x', 0x10000)}\r\n");

        long sent = 0;
        var sending = Task.Run(async () =>
        {
            // Endless: what stops it is the server, by closing the connection.
            for (; ; sent += chunk.Length)
                await stream.WriteAsync(chunk);
        });
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var status = await reader.ReadLineAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => sending.WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.Contains("413", status);
        Assert.InRange(sent, 0, 64 * 1024 * 1024);
    }

    [Theory]
    [InlineData("/callbacks/demo")]
    [InlineData("/nowhere")]
    public async Task Other_errors_are_problems_too(string path)
    {
        var answer = await Service.GetAsync(path);

        Assert.InRange(answer.Status, 404, 405);
        Assert.Equal("application/problem+json", answer.ContentType);
    }

    [Fact]
    public async Task A_full_queue_is_answered_503_with_retry_after_and_what_was_accepted_is_stored()
    {
        await using var service = await receiver.StartAsync(("Callbacks:QueueLength", "1"), ("Callbacks:Writers", "1"), ("Spool:MaxBytes", "0"));
        await using var connection = await receiver.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var take = new Npgsql.NpgsqlCommand("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE", connection, transaction))
            await take.ExecuteNonQueryAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => service.PostAsync("demo", new CallbackBuilder($"full {i}").Build())));
        await transaction.RollbackAsync();

        Assert.All(answers, answer => Assert.Equal(503, answer.Status));
        Assert.All(answers, answer => Assert.True(answer.Headers.ContainsKey("Retry-After")));
        await Eventually.HoldsAsync(async () => (await service.PostAsync("demo", new CallbackBuilder("full after").Build())).Status == 200);
    }
}
