using System.Text.RegularExpressions;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>What a client does wrong, or does not wait for, is its own: no 5xx, no error in the log, no stack trace.</summary>
public sealed partial class ClientFaultTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Callback = "POST /callbacks/demo HTTP/1.1\r\nHost: x\r\n";
    private const string Any = "POST /callbacks HTTP/1.1\r\nHost: x\r\n";
    private const string Chunked = Callback + "Transfer-Encoding: chunked\r\n\r\n";
    private const string Reader = "Host: x\r\nAuthorization: Bearer " + Keys.ApiAll + "\r\n";

    private static readonly string[] ChunkSizes =
        ["80000000", "7fffffff", "ffffffff", "FFFFFFFFFFFFFFFF", "100000000", "-1", "zz", "", "0x10", " 5", "5;ext=1", "5;" + new string('e', 9000), "\0", "\u00ff"];

    private static readonly string[] Lengths =
        ["-1", "99999999999999999999", "9223372036854775807", "9223372036854775808", "+5", "5, 5", "5\r\nContent-Length: 6", "abc", "", "0x5", "2147483648", "5\r\nTransfer-Encoding: chunked"];

    /// <summary>Requests that are not HTTP, or not whole.</summary>
    private static readonly string[] Requests =
    [
        .. ChunkSizes.Select(size => $"{Chunked}{size}\r\nhello\r\n0\r\n\r\n"),
        .. ChunkSizes.Select(size => $"{Chunked}5\r\nhello\r\n{size}\r\nhello\r\n0\r\n\r\n"),
        .. Lengths.Select(length => $"{Callback}Content-Length: {length}\r\n\r\nhello"),
        Chunked + "5\r\nhel",
        Chunked + "5",
        Chunked + "5\r\nhelloXX0\r\n\r\n",
        Chunked + "5\r\nhello\r\n0\r\nno trailer\r\n\r\n",
        Chunked + "5\r\nhello\r\n0\r\nX: \0\r\n\r\n",
        Chunked + "5\r\nhello\r\n0\r\nX: " + new string('x', 40_000) + "\r\n\r\n",
        Chunked + "5\r\nhello\r\n0\r\nX: ",
        Callback + "Content-Length: 1000\r\n\r\n",
        Callback + "Content-Length: 1000\r\n\r\nhello",
        Callback + "Content-Length: 1000000\r\n\r\n" + new string('x', 200_000),
        Callback + "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n",
        Callback + "Content-Length: 5\r\n\r\nhello" + Callback + "Content-Length: 5\r\n\r\nhe",
        Callback + "Transfer-Encoding: gzip, chunked\r\n\r\n",
        Callback + "\r\n",
        Any + "Content-Length: 1000\r\n\r\nhello",
        Any + "Transfer-Encoding: chunked\r\n\r\n80000000\r\n",
        "POST /callbacks/%00 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "POST /callbacks/%ff HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "POST /callbacks/" + new string('x', 20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /api/v1/workspaces/%ff/meetings/%ed%a0%bd HTTP/1.1\r\n" + Reader + "\r\n",
        "POST /api/v1/workspaces/demo/deliveries/replay HTTP/1.1\r\n" + Reader + "Transfer-Encoding: chunked\r\n\r\n80000000\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0",
        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003",
        "GET / HTTP/1.1\r\nHost",
    ];

    /// <summary>Answers that take a while, or have no end.</summary>
    private static readonly string[] Paths =
        ["meetings?limit=200", "export?include=transcript", "export?format=csv&include=transcript", "events?last_event_id=0", "events", "deliveries?limit=200", "statistics", "meetings?q=summary"];

    [Fact]
    public async Task What_is_no_HTTP_or_breaks_off_answers_4xx_or_nothing_and_is_no_error_of_the_service()
    {
        await using var service = await receiver.StartAsync(("Limits:HeaderTimeout", "00:00:01"), ("Callbacks:BodyTimeout", "00:00:01"));
        var from = service.Log.Length;

        foreach (var ending in Enum.GetValues<RawHttp.Ending>())
        {
            var answers = await Task.WhenAll(Requests.Select(request => RawHttp.SendAsync(service.Address, request, ending)));
            Assert.All(Requests.Zip(answers), exchange => Assert.True(IsOfClient(exchange.Second), $"{exchange.First} => {exchange.Second}"));
        }

        await AssertNoFaultAsync(service, from);
    }

    [Fact]
    public async Task A_body_that_is_cut_off_by_a_reset_is_counted_as_unreadable()
    {
        await using var service = await receiver.StartAsync();
        for (var i = 0; i < 20; i++)
            await RawHttp.SendAsync(service.Address, Callback + "Content-Length: 1000\r\n\r\nhello", RawHttp.Ending.Resets);

        await Eventually.HoldsAsync(
            async () => (await MetricsPage.ReadAsync(service)).Sum("callback_receiver_callbacks_refused_total", ("reason", "unreadable")) == 20, "each is counted");
        await AssertNoFaultAsync(service, 0);
    }

    [Fact]
    public async Task A_reader_who_goes_away_in_the_middle_of_an_answer_is_no_error_of_the_service()
    {
        await using var service = await receiver.StartAsync();
        var summary = new string('s', 20_000);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => service.PostAsync(Workspaces.Demo, new CallbackBuilder { Summary = summary }.Build())));
        var from = service.Log.Length;

        foreach (var encoding in new[] { "identity", "gzip", "br" })
        {
            foreach (var ending in new[] { RawHttp.Ending.Resets, RawHttp.Ending.Closes })
            {
                foreach (var wait in new[] { 0, 5, 50 })
                    await Task.WhenAll(Paths.Select(path => LeaveAsync(service.Address, $"GET /api/v1/workspaces/demo/{path} HTTP/1.1\r\n{Reader}Accept-Encoding: {encoding}\r\n\r\n", ending, wait)));
            }
        }

        await AssertNoFaultAsync(service, from);
    }

    /// <summary>Reads the beginning of the answer, unless it waits for nothing, and goes away.</summary>
    private static async Task LeaveAsync(Uri address, string request, RawHttp.Ending ending, int milliseconds)
    {
        using var client = await RawHttp.ConnectAsync(address);
        client.ReceiveBufferSize = 2048;
        await client.GetStream().WriteAsync(System.Text.Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        if (milliseconds > 0)
            _ = await client.GetStream().ReadAsync(new byte[16], TestContext.Current.CancellationToken);
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
        if (ending == RawHttp.Ending.Resets)
            client.LingerState = new System.Net.Sockets.LingerOption(true, 0);
    }

    /// <summary>After all that is under way has ended.</summary>
    private static async Task AssertNoFaultAsync(ReceiverProcess service, int from)
    {
        await Eventually.HoldsAsync(async () => (await MetricsPage.ReadAsync(service)).Sum("http_server_active_requests") <= 1, "no request is under way but that for the metrics");
        var metrics = await MetricsPage.ReadAsync(service);
        Assert.DoesNotContain(metrics.Samples, sample => sample.Labels.GetValueOrDefault("http_response_status_code", "").StartsWith('5'));
        Assert.Equal("stored", (await service.PostAsync(Workspaces.Demo, new CallbackBuilder().Build())).Outcome);
        Assert.DoesNotMatch(Fault(), service.Log[from..]);
    }

    private static bool IsOfClient(string answer) => answer.Length == 0 || AnswerOfClient().IsMatch(answer);

    /// <summary>4xx, or 200 where nobody reads the body. HTTP/2 has no text.</summary>
    [GeneratedRegex(@"^(HTTP/1\.1 100 Continue\r\n\r\n)?HTTP/1\.[01] (4\d\d|200) |^\0")]
    private static partial Regex AnswerOfClient();

    [GeneratedRegex(@"^\[\S+ (ERR|FTL)\]|^   at | 5\d\d in ", RegexOptions.Multiline)]
    private static partial Regex Fault();
}
